// What stands in the row of a span: its name, what is remarkable of it, its duration, its bar.
import { serviceStyle } from '../parts/service-color.js';
import { durationText, lineText } from '../parts/text.js';
import { type Fold, FoldToggle } from './fold-toggle.js';
import { attributeText, type SpanItem } from './items.js';
import type { RowContext } from './row-context.js';
import { slowStatementOf } from './slow-statement.js';
import { Track } from './track.js';

export interface SpanCellsProps {
  readonly item: SpanItem;
  readonly fold: Fold;
  readonly context: RowContext;
}

export function SpanCells({ item, fold, context }: SpanCellsProps) {
  const { span } = item;
  const name = lineText(span.name) || '(no name)';
  return (
    <>
      <span class="name">
        <FoldToggle fold={fold} />
        <span class="dot" style={serviceStyle(span.service)} title={lineText(span.service)} />
        <b title={name}>{name}</b>
        <span class="kind">{span.kind.toLowerCase()}</span>
        <Remarks item={item} />
      </span>
      <span class="number duration">{durationText(item.end - item.start)}</span>
      <Track
        item={item}
        timeline={context.timeline}
        range={context.range}
        isCritical={context.isCritical}
        onEvent={(index) => context.onEvent(item.id, index)}
      />
    </>
  );
}

/** What a span is looked at for. */
function Remarks({ item }: { readonly item: SpanItem }) {
  const { span } = item;
  const slow = slowStatementOf(item);
  const attempt = attributeText(span, 'sietch.queue.job.attempt');
  const most = attributeText(span, 'sietch.queue.job.max_attempts');
  return (
    <>
      {span.status.code === 'ERROR' ? <span class="badge error">{lineText(attributeText(span, 'error.type')) || 'error'}</span> : null}
      {attempt === '' || most === '1' ? null : (
        <span class="badge">{lineText(most === '' ? `attempt ${attempt}` : `attempt ${attempt} of ${most}`)}</span>
      )}
      {slow === undefined ? null : <span class="badge warn">slow</span>}
      {slow?.blocker === undefined ? null : <span class="badge warn">blocked</span>}
      {span.links.slice(0, 3).map((link) => (
        <a
          key={link.spanId}
          class="badge link"
          tabIndex={-1}
          href={`/traces/${link.traceId}?span=${link.spanId}`}
          title={`${linkReason(link.attributes)} ${link.traceId}`}
          onClick={(event) => event.stopPropagation()}
        >
          {linkReason(link.attributes)}
        </a>
      ))}
    </>
  );
}

/** `blocked by`, `linked`. */
export function linkReason(attributes: Readonly<Record<string, unknown>>): string {
  const reason = attributes['sietch.link.reason'];
  return typeof reason === 'string' && reason !== '' ? lineText(reason.replaceAll('_', ' ')) : 'linked';
}
