// The details of a span: facts, what it waited for, attributes, events, links, log records, resource.
import type { ApiEvent } from '../../api.js';
import type { SpanLink } from '../../telemetry.js';
import { AttributeTable, LongText } from '../parts/attribute-table.js';
import { CopyButton } from '../parts/copy-button.js';
import { serviceStyle } from '../parts/service-color.js';
import { severityClass, severityOf } from '../parts/severity.js';
import { durationText, lineOf, lineText, offsetText } from '../parts/text.js';
import type { LogItem, SpanItem } from './items.js';
import { SlowSection } from './slow-section.js';
import { slowStatementOf } from './slow-statement.js';
import { linkReason } from './span-cells.js';
import type { Timeline } from './timeline.js';
import { waitText } from './track.js';

/** Events, links and log records listed, each. */
const MAX_LISTED = 100;

export function SpanDetails({
  item,
  timeline,
  onSelect,
}: {
  readonly item: SpanItem;
  readonly timeline: Timeline;
  readonly onSelect: (key: string) => void;
}) {
  const { span } = item;
  const slow = slowStatementOf(item);
  const { code, message } = span.status;
  return (
    <>
      <p class="facts">
        <span class="dot" style={serviceStyle(span.service)}>
          {lineText(span.service) || '(no service name)'}
        </span>
        <span>{span.kind.toLowerCase()}</span>
        <span>{durationText(item.end - item.start)}</span>
        <span>starts at {offsetText(item.start)}</span>
        {code === 'ERROR' ? <span class="badge error">error</span> : null}
      </p>
      {message === '' ? null : (
        <p class="error">
          <LongText text={message} />
        </p>
      )}
      {item.waits.length === 0 ? null : <p class="waits">{item.waits.map(waitText).join(', ')}</p>}
      {slow === undefined ? null : <SlowSection slow={slow} />}
      <Heading count={Object.keys(span.attributes).length}>Attributes</Heading>
      <AttributeTable label="Attributes" attributes={span.attributes} isSearchable />
      <Heading count={span.links.length}>Links</Heading>
      {span.links.slice(0, MAX_LISTED).map((link) => (
        <Link key={link.spanId} link={link} />
      ))}
      <Heading count={span.events.length}>Events</Heading>
      {span.events.slice(0, MAX_LISTED).map((event, index) => (
        <Event key={`${index} ${event.name}`} event={event} index={index} at={timeline.since(event.timeUnixNano)} />
      ))}
      <Heading count={item.logs.length}>Log records</Heading>
      {item.logs.slice(0, MAX_LISTED).map((entry) => (
        <LogLink key={entry.log.id} entry={entry} onSelect={onSelect} />
      ))}
      <Origin item={item} />
    </>
  );
}

function Heading({ count, children }: { readonly count: number; readonly children: string }) {
  return count === 0 ? null : <h3>{count > MAX_LISTED ? `${children} (${MAX_LISTED} of ${count})` : children}</h3>;
}

function Link({ link }: { readonly link: SpanLink }) {
  return (
    <div class="item">
      <p>
        {linkReason(link.attributes)}:{' '}
        <a class="mono" href={`/traces/${link.traceId}?span=${link.spanId}`}>
          {link.traceId}
        </a>{' '}
        <span class="dim">span {link.spanId}</span>
      </p>
      <AttributeTable label="Attributes of the link" attributes={link.attributes} />
    </div>
  );
}

function Event({ event, index, at }: { readonly event: ApiEvent; readonly index: number; readonly at: number }) {
  return (
    <div class="item" data-event={index} tabIndex={-1}>
      <p>
        {lineText(event.name)} <span class="dim">at {offsetText(at)}</span>
      </p>
      <AttributeTable label={`Attributes of the event ${lineText(event.name)}`} attributes={event.attributes} />
    </div>
  );
}

function LogLink({ entry, onSelect }: { readonly entry: LogItem; readonly onSelect: (key: string) => void }) {
  return (
    <button type="button" class={`item log ${severityClass(entry.log)}`} onClick={() => onSelect(`log-${entry.log.id}`)}>
      <span class="severity">{severityOf(entry.log)}</span> {lineOf(entry.log.body)}
    </button>
  );
}

function Origin({ item: { span } }: { readonly item: SpanItem }) {
  const dropped = { attributes: span.droppedAttributesCount, events: span.droppedEventsCount, links: span.droppedLinksCount };
  const lost = Object.entries(dropped).filter(([, number]) => number > 0);
  return (
    <>
      <h3>Ids</h3>
      <p class="ids">
        span <span class="mono">{span.spanId}</span> <CopyButton text={span.spanId} what="span id" />
        {span.parentSpanId === '' ? null : (
          <>
            {' '}
            parent <span class="mono">{span.parentSpanId}</span>
          </>
        )}
        {span.scope.name === '' ? null : <span class="dim"> scope {lineText(`${span.scope.name} ${span.scope.version}`)}</span>}
      </p>
      {lost.length === 0 ? null : <p class="warn">The sender dropped {lost.map(([what, number]) => `${number} ${what}`).join(', ')}.</p>}
      <details>
        <summary>Resource</summary>
        <AttributeTable label="Resource" attributes={span.resource} />
      </details>
    </>
  );
}
