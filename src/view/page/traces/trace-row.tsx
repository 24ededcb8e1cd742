// One trace in the list.
import type { TraceSummary } from '../../api.js';
import { count } from '../../format.js';
import { serviceStyle } from '../parts/service-color.js';
import { durationText, lineText, timeText } from '../parts/text.js';

export interface TraceRowProps {
  readonly trace: TraceSummary;
  readonly isSelected: boolean;
  /** Duration of the longest in the list. */
  readonly longestMs: number;
}

/** Services named in a row. */
const MAX_SERVICES = 4;

export function TraceRow({ trace, isSelected, longestMs }: TraceRowProps) {
  const duration = durationText(trace.durationMs * 1e6);
  const name = lineText(trace.name) || '(no name)';
  const share = longestMs > 0 ? Math.max(0.5, (100 * trace.durationMs) / longestMs) : 0.5;
  return (
    <a
      href={`/traces/${trace.traceId}`}
      class={`row trace-row${isSelected ? ' selected' : ''}${trace.errorCount > 0 ? ' failed' : ''}`}
      data-row={trace.traceId}
      tabIndex={isSelected ? 0 : -1}
      aria-label={describe(trace, name, duration)}
    >
      <span class="time">{timeText(trace.startTimeUnixNano)}</span>
      <span class="name" title={name}>
        {name}
        {trace.incomplete === true ? <span class="note">incomplete</span> : null}
      </span>
      <span class="marks">
        {trace.errorCount > 0 ? <span class="badge error">{count(trace.errorCount, 'error')}</span> : null}
        {trace.keepReason === undefined ? null : <span class="badge">kept: {lineText(trace.keepReason)}</span>}
      </span>
      <span class="services">
        {trace.services.slice(0, MAX_SERVICES).map((service) => (
          <span key={service} class="dot" style={serviceStyle(service)}>
            {lineText(service) || '(no service name)'}
          </span>
        ))}
        {trace.services.length > MAX_SERVICES ? <span class="dim">+{trace.services.length - MAX_SERVICES}</span> : null}
      </span>
      <span class="number">{count(trace.spanCount, 'span')}</span>
      <span class="number logs">{trace.logCount > 0 ? count(trace.logCount, 'log') : ''}</span>
      <span class="meter" style={serviceStyle(trace.service)}>
        <span style={{ width: `${share}%` }} />
      </span>
      <span class="number duration">{duration}</span>
    </a>
  );
}

function describe(trace: TraceSummary, name: string, duration: string): string {
  const facts = [
    name,
    duration,
    count(trace.spanCount, 'span'),
    `at ${timeText(trace.startTimeUnixNano)}`,
    trace.services.slice(0, MAX_SERVICES).join(', '),
  ];
  if (trace.errorCount > 0) facts.splice(1, 0, count(trace.errorCount, 'error'));
  if (trace.keepReason !== undefined) facts.push(`kept: ${trace.keepReason}`);
  return lineText(facts.join(', '));
}
