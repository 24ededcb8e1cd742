// The page Trace: overview, time axis, rows, and the details of the one that is selected.
import { useEffect, useMemo } from 'preact/hooks';
import { DetailsPanel } from '../parts/details-panel.js';
import { generation } from '../parts/live.js';
import { LogDetails } from '../parts/log-details.js';
import { useLiveRefresher } from '../parts/refresh.js';
import { pageAddress, route, setParameters } from '../parts/route.js';
import { lineText } from '../parts/text.js';
import { isNarrow } from '../parts/theme.js';
import { VirtualList } from '../parts/virtual-list.js';
import { Axis, gridStyle } from './axis.js';
import { Minimap } from './minimap.js';
import { type Row, visibleRows } from './rows.js';
import { SpanDetails } from './span-details.js';
import type { Timeline } from './timeline.js';
import { TimelineRow } from './timeline-row.js';
import { TraceHead } from './trace-head.js';
import { useTraceShortcuts } from './trace-shortcuts.js';
import { failure, fetchTrace, fold, folded, forget, hasLogs, isCritical, isOpen, timeline, zoom } from './trace-state.js';
import { wholeOf } from './zoom.js';

export function TracePage({ id }: { readonly id: string }) {
  useEffect(() => {
    forget(route.value.parameters.has('span'));
  }, [id]);
  useLiveRefresher(
    (signal) => fetchTrace(id, signal),
    ({ traces, more }) => more === true || traces.some(({ traceId }) => traceId === id),
    `${generation.value} ${id}`,
  );
  const shown = timeline.value;
  if (shown === undefined || shown.answer.traceId !== id.toLowerCase()) return <NoTrace />;
  return <ShownTrace timeline={shown} />;
}

function NoTrace() {
  if (failure.value === '') return <main class="page" />;
  return (
    <main class="page">
      <div class="nothing">
        <h1>No such trace</h1>
        <p class="dim">{failure.value}</p>
        <p>
          <a href={pageAddress('traces')}>Back to the list</a>
        </p>
      </div>
    </main>
  );
}

function ShownTrace({ timeline: shown }: { readonly timeline: Timeline }) {
  const selected = route.value.parameters.get('span') ?? '';
  const select = (key: string): void => setParameters({ span: key });
  const range = zoom.value ?? wholeOf(shown.duration);
  const rows = useMemo(() => visibleRows(shown, folded.value, hasLogs.value), [shown, folded.value, hasLogs.value]);
  const foldAll = useTraceShortcuts({ timeline: shown, rows, selected, select });
  const context = {
    timeline: shown,
    range,
    isCritical: isCritical.value,
    onFold: (id: string) => fold(id, !folded.value.has(id)),
    onEvent: (spanId: string, index: number) => {
      select(spanId);
      isOpen.value = true;
      requestAnimationFrame(() => document.querySelector<HTMLElement>(`[data-event="${index}"]`)?.focus());
    },
  };
  return (
    <main class="page trace-page">
      <TraceHead timeline={shown} onFoldAll={foldAll} />
      <Minimap
        timeline={shown}
        range={range}
        onRange={(next) => {
          zoom.value = next.to - next.from >= wholeOf(shown.duration).to ? undefined : next;
        }}
      />
      <div class={isOpen.value ? 'split open' : 'split'} style={gridStyle(range)}>
        <VirtualList
          items={rows}
          rowHeight={isNarrow.value ? 44 : 26}
          role="tree"
          label="Spans"
          keyOf={({ key }) => key}
          selected={selected}
          onSelect={select}
          head={<Axis range={range} />}
          renderRow={(row, isSelected) => (
            <TimelineRow
              row={row}
              context={context}
              isSelected={isSelected}
              onSelect={() => {
                select(row.key);
                isOpen.value = true;
              }}
            />
          )}
        />
        {isOpen.value ? <Details row={rows.find(({ key }) => key === selected)} timeline={shown} onSelect={select} /> : null}
      </div>
    </main>
  );
}

interface DetailsProps {
  readonly row: Row | undefined;
  readonly timeline: Timeline;
  readonly onSelect: (key: string) => void;
}

function Details({ row, timeline: shown, onSelect }: DetailsProps) {
  if (row === undefined) return null;
  const close = (): void => {
    isOpen.value = false;
  };
  if (row.kind === 'log') {
    return (
      <DetailsPanel title="log record" onClose={close}>
        <LogDetails log={row.entry.log} />
      </DetailsPanel>
    );
  }
  const { item } = row;
  if (item.kind === 'span') {
    return (
      <DetailsPanel title={lineText(item.span.name)} onClose={close}>
        <SpanDetails key={item.id} item={item} timeline={shown} onSelect={onSelect} />
      </DetailsPanel>
    );
  }
  return (
    <DetailsPanel title={lineText(item.title)} onClose={close}>
      {item.children.map((child) => (
        <button key={child.id} type="button" class="item" onClick={() => onSelect(child.id)}>
          {lineText(child.span.name)}
        </button>
      ))}
    </DetailsPanel>
  );
}
