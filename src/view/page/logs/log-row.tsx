// One log record in the list.
import type { ApiLog } from '../../api.js';
import { timeOf } from '../parts/log-time.js';
import { serviceStyle } from '../parts/service-color.js';
import { severityClass, severityOf } from '../parts/severity.js';
import { lineOf, lineText, timeText } from '../parts/text.js';

export interface LogRowProps {
  readonly log: ApiLog;
  readonly isSelected: boolean;
  readonly onOpen: () => void;
}

/** Attributes beside the message, which distinguish two records with one message. */
const MAX_ATTRIBUTES = 6;

export function LogRow({ log, isSelected, onOpen }: LogRowProps) {
  const severity = severityOf(log);
  const body = lineOf(log.body) || lineText(log.eventName) || '(no body)';
  const time = timeText(timeOf(log));
  return (
    <button
      type="button"
      class={`row log-row ${severityClass(log)}${isSelected ? ' selected' : ''}`}
      data-row={String(log.id)}
      tabIndex={isSelected ? 0 : -1}
      aria-label={`${severity} ${body}, ${lineText(log.service)}, ${time}`}
      onClick={(event) => {
        event.currentTarget.focus({ preventScroll: true });
        onOpen();
      }}
    >
      <span class="time">{time}</span>
      <span class="severity">{severity}</span>
      <span class="dot service" style={serviceStyle(log.service)}>
        {lineText(log.service)}
      </span>
      <span class="body">
        {body}
        {Object.entries(log.attributes)
          .slice(0, MAX_ATTRIBUTES)
          .map(([name, value]) => (
            <span key={name} class="pair">
              {lineText(name)}={lineOf(value).slice(0, 60)}
            </span>
          ))}
      </span>
    </button>
  );
}
