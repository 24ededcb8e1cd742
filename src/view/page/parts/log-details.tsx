// The details of a log record: its body, its attributes, where it comes from.
import type { ApiLog } from '../../api.js';
import { valueText } from '../../format.js';
import { AttributeTable, LongText } from './attribute-table.js';
import { CopyButton } from './copy-button.js';
import { timeOf } from './log-time.js';
import { serviceStyle } from './service-color.js';
import { severityClass, severityOf } from './severity.js';
import { dateText, lineText } from './text.js';

export function LogDetails({ log }: { readonly log: ApiLog }) {
  const body = valueText(log.body);
  return (
    <>
      <p class="facts">
        <span class={`severity ${severityClass(log)}`}>{severityOf(log)}</span>
        <span class="dot" style={serviceStyle(log.service)}>
          {lineText(log.service) || '(no service name)'}
        </span>
        <span>{dateText(timeOf(log))}</span>
        {log.eventName === '' ? null : <span class="mono">{lineText(log.eventName)}</span>}
      </p>
      <div class="body">
        <LongText text={body} /> <CopyButton text={body} what="the body" />
      </div>
      {log.traceId === '' ? null : (
        <p>
          Trace{' '}
          <a class="mono" href={`/traces/${log.traceId}?span=${log.spanId}`}>
            {log.traceId}
          </a>
        </p>
      )}
      {Object.keys(log.attributes).length === 0 ? null : <h3>Attributes</h3>}
      <AttributeTable label="Attributes" attributes={log.attributes} />
      {log.scope.name === '' ? null : <p class="dim">Scope {lineText(`${log.scope.name} ${log.scope.version}`)}</p>}
      <details>
        <summary>Resource</summary>
        <AttributeTable label="Resource" attributes={log.resource} />
      </details>
    </>
  );
}
