// The search form above the list of traces.

import { Choice, SearchField } from '../parts/fields.js';
import { setParameters } from '../parts/route.js';
import { numberText } from '../parts/text.js';
import { choices, found, shownSearch, traces } from './trace-list.js';
import { isOpen, type TraceSearch } from './trace-search.js';

export function TraceFilters({ search }: { readonly search: TraceSearch }) {
  const { services, routes, keepReasons } = choices.value;
  return (
    <search class="filters">
      <SearchField
        label="Search traces"
        placeholder="text, trace id or key=value"
        value={search.text}
        onChange={(text) => setParameters({ q: text })}
      />
      <Choice
        label="Service"
        all="all services"
        value={search.service}
        options={services}
        onChange={(service) => setParameters({ service })}
      />
      <Choice label="Route" all="all routes" value={search.route} options={routes} onChange={(route) => setParameters({ route })} />
      <Choice label="Reason kept" all="any reason" value={search.kept} options={keepReasons} onChange={(kept) => setParameters({ kept })} />
      <label class="field">
        ≥
        <input
          type="number"
          min="0"
          step="any"
          class="short"
          aria-label="Least duration in milliseconds"
          value={search.minMs}
          onInput={({ currentTarget }) => setParameters({ minMs: currentTarget.value })}
        />
        ms
      </label>
      <label class="field">
        <input
          type="checkbox"
          checked={search.error}
          onChange={({ currentTarget }) => setParameters({ error: currentTarget.checked ? 'true' : '' })}
        />
        errors only
      </label>
      <span class="dim count" aria-live="off">
        {describeCount(search)}
      </span>
    </search>
  );
}

function describeCount(search: TraceSearch): string {
  if (shownSearch.value === undefined) return '';
  const listed = traces.value.length < found.value ? `${numberText(traces.value.length)} of ` : '';
  return `${listed}${numberText(found.value)} ${found.value === 1 ? 'trace' : 'traces'}${isOpen(search) ? '' : ' found'}`;
}
