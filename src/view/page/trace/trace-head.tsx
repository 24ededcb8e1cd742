// Above the rows of a trace: its name and facts, and what can be done with all of it.
import { count } from '../../format.js';
import { CopyButton } from '../parts/copy-button.js';
import { pageAddress } from '../parts/route.js';
import { serviceStyle } from '../parts/service-color.js';
import { dateText, durationText, lineText } from '../parts/text.js';
import type { Timeline } from './timeline.js';
import { hasLogs, isCritical, zoom } from './trace-state.js';

const MAX_SERVICES = 8;

export function TraceHead({ timeline: { answer, duration }, onFoldAll }: { readonly timeline: Timeline; readonly onFoldAll: () => void }) {
  return (
    <header class="trace-head">
      <h1>
        <a href={pageAddress('traces')} class="back" aria-label="Back to the list" title="Back to the list (Escape)">
          ←
        </a>{' '}
        {lineText(answer.name) || '(no name)'}
      </h1>
      <p class="facts">
        <span>
          <span class="mono">{answer.traceId}</span> <CopyButton text={answer.traceId} what="trace id" />
        </span>
        <span>{dateText(answer.startTimeUnixNano)}</span>
        <span>{durationText(duration)}</span>
        <span>{count(answer.spanCount, 'span')}</span>
        {answer.errorCount > 0 ? <span class="badge error">{count(answer.errorCount, 'error')}</span> : null}
        {answer.keepReason === undefined ? null : <span class="badge">kept: {lineText(answer.keepReason)}</span>}
        {answer.incomplete === true ? <span class="badge warn">incomplete</span> : null}
        {answer.services.slice(0, MAX_SERVICES).map((service) => (
          <span key={service} class="dot" style={serviceStyle(service)}>
            {lineText(service) || '(no service name)'}
          </span>
        ))}
        {answer.services.length > MAX_SERVICES ? <span class="dim">+{answer.services.length - MAX_SERVICES} services</span> : null}
      </p>
      <p class="tools">
        <Toggle state={hasLogs} label="Log records" shortcut="o" />
        <Toggle state={isCritical} label="Critical path" shortcut="c" />
        <button type="button" onClick={onFoldAll} title="Fold or unfold all (z)">
          Fold all
        </button>
        {zoom.value === undefined ? null : (
          <button
            type="button"
            onClick={() => {
              zoom.value = undefined;
            }}
            title="Show all of the time axis (0)"
          >
            Zoom out
          </button>
        )}
        <a class="button" href={`/logs?trace=${answer.traceId}`}>
          Logs
        </a>
        <a class="button" href={`/api/traces/${answer.traceId}/export`} download={`trace-${answer.traceId}.json`}>
          Export
        </a>
      </p>
    </header>
  );
}

function Toggle({ state, label, shortcut }: { readonly state: { value: boolean }; readonly label: string; readonly shortcut: string }) {
  return (
    <button
      type="button"
      aria-pressed={state.value}
      title={`${label} (${shortcut})`}
      onClick={() => {
        state.value = !state.value;
      }}
    >
      {label}
    </button>
  );
}
