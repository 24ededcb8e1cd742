// The page Traces: the list, its search, its order.
import { signal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { TRACE_SORTS, type TraceSort } from '../../api.js';
import { useShortcuts } from '../parts/keyboard.js';
import { generation, onAdded } from '../parts/live.js';
import { useRefresher } from '../parts/refresh.js';
import { navigate, route, setParameters } from '../parts/route.js';
import { isNarrow } from '../parts/theme.js';
import { VirtualList } from '../parts/virtual-list.js';
import { TraceFilters } from './trace-filters.js';
import { addTraces, failure, fetchNewest, fetchTraces, shownSearch, traces } from './trace-list.js';
import { TraceRow } from './trace-row.js';
import { isOpen, readSearch, type TraceSearch } from './trace-search.js';

/** The trace that the list stands at, also after the way back from its page. */
const selected = signal('');

export function TracesPage() {
  const parameters = route.value.parameters.toString();
  const search = useMemo(() => readSearch(new URLSearchParams(parameters)), [parameters]);
  const key = `${generation.value} ${JSON.stringify(search)}`;
  const all = useRefresher((signal) => fetchTraces(search, signal), key);
  const newest = useRefresher((signal) => fetchNewest(search, signal), key, 2_000);
  useEffect(
    () =>
      onAdded((added) => {
        const needed = addTraces(added, search);
        if (needed === 'all') all.request();
        else if (needed === 'newest') newest.request();
      }),
    [search],
  );
  useShortcuts({
    Enter: () => {
      if (selected.value === '' || document.activeElement instanceof HTMLButtonElement) return true;
      navigate(`/traces/${selected.value}`);
      return false;
    },
    Escape: () => {
      if (isOpen(search)) return true;
      navigate('/traces');
      return false;
    },
  });
  const list = traces.value;
  const longestMs = list.reduce((longest, { durationMs }) => Math.max(longest, durationMs), 0);
  return (
    <main class="page">
      <h1 class="hidden">Traces</h1>
      <TraceFilters search={search} />
      <VirtualList
        items={list}
        rowHeight={isNarrow.value ? 52 : 30}
        role="list"
        label="Traces"
        keyOf={({ traceId }) => traceId}
        selected={selected.value}
        onSelect={(traceId) => {
          selected.value = traceId;
        }}
        head={<Heads search={search} />}
        foot={<Foot search={search} isNone={list.length === 0} />}
        renderRow={(trace, isSelected) => <TraceRow trace={trace} isSelected={isSelected} longestMs={longestMs} />}
      />
    </main>
  );
}

const TITLES: Readonly<Record<TraceSort, string>> = { start: 'Started', duration: 'Duration', spans: 'Spans' };

/** Above the columns; the order is chosen here. */
function Heads({ search }: { readonly search: TraceSearch }) {
  return (
    <div class="row trace-row heads">
      {TRACE_SORTS.map((sort) => (
        <SortButton key={sort} sort={sort} search={search} />
      ))}
      <span class="name">Name</span>
      <span class="services">Services</span>
    </div>
  );
}

function SortButton({ sort, search }: { readonly sort: TraceSort; readonly search: TraceSearch }) {
  const isCurrent = search.sort === sort;
  const next = isCurrent && search.order === 'desc' ? 'asc' : 'desc';
  return (
    <button
      type="button"
      class={`sort sort-${sort}${isCurrent ? ' current' : ''}`}
      aria-pressed={isCurrent}
      aria-label={`Order by ${TITLES[sort].toLowerCase()}${isCurrent ? `, now ${search.order === 'desc' ? 'descending' : 'ascending'}` : ''}`}
      onClick={() => setParameters({ sort: sort === 'start' ? '' : sort, order: next === 'desc' ? '' : next })}
    >
      {TITLES[sort]}
      {isCurrent ? (search.order === 'desc' ? ' ↓' : ' ↑') : ''}
    </button>
  );
}

function Foot({ search, isNone }: { readonly search: TraceSearch; readonly isNone: boolean }) {
  if (failure.value !== '') return <p class="nothing error">{failure.value}</p>;
  if (!isNone || shownSearch.value === undefined) return null;
  return <p class="nothing dim">{isOpen(search) ? 'No trace is kept.' : 'No trace matches. Escape clears the search.'}</p>;
}
