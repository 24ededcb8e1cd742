// The page Logs: records as they arrive, the newest first, their filters and details.
import { signal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { SEVERITIES } from '../../api.js';
import { CloseButton, DetailsPanel } from '../parts/details-panel.js';
import { Choice, SearchField } from '../parts/fields.js';
import { useShortcuts } from '../parts/keyboard.js';
import { generation } from '../parts/live.js';
import { LogDetails } from '../parts/log-details.js';
import { useLiveRefresher } from '../parts/refresh.js';
import { navigate, route, setParameters } from '../parts/route.js';
import { numberText } from '../parts/text.js';
import { isNarrow } from '../parts/theme.js';
import { VirtualList } from '../parts/virtual-list.js';
import { failure, fetchNewest, fetchOlder, found, isLoaded, logs, services } from './log-list.js';
import { LogRow } from './log-row.js';
import { isOpenSearch, type LogSearch, readSearch } from './log-search.js';

const selected = signal('');
const isOpen = signal(false);

export function LogsPage() {
  const parameters = route.value.parameters.toString();
  const search = useMemo(() => readSearch(new URLSearchParams(parameters)), [parameters]);
  const key = `${generation.value} ${JSON.stringify(search)}`;
  useLiveRefresher(
    (signal) => fetchNewest(search, signal),
    (added) => added.logs > 0,
    key,
  );
  const record = logs.value.find(({ id }) => String(id) === selected.value);
  useShortcuts({
    Enter: () => {
      if (record === undefined || document.activeElement?.closest('button:not([data-row]), a') != null) return true;
      isOpen.value = !isOpen.value;
      return false;
    },
    Escape: () => {
      if (isOpen.value) isOpen.value = false;
      else if (isOpenSearch(search)) return true;
      else navigate('/logs');
      return false;
    },
  });
  return (
    <main class="page">
      <h1 class="hidden">Logs</h1>
      <LogFilters search={search} />
      <div class={isOpen.value && record !== undefined ? 'split open' : 'split'}>
        <VirtualList
          items={logs.value}
          rowHeight={isNarrow.value ? 48 : 26}
          role="list"
          label="Log records"
          keyOf={({ id }) => String(id)}
          selected={selected.value}
          onSelect={(key) => {
            selected.value = key;
          }}
          onEnd={() => void fetchOlder(search)}
          foot={<Foot search={search} />}
          renderRow={(log, isSelected) => (
            <LogRow
              log={log}
              isSelected={isSelected}
              onOpen={() => {
                isOpen.value = true;
              }}
            />
          )}
        />
        {isOpen.value && record !== undefined ? (
          <DetailsPanel
            title="log record"
            onClose={() => {
              isOpen.value = false;
            }}
          >
            <LogDetails key={record.id} log={record} />
          </DetailsPanel>
        ) : null}
      </div>
    </main>
  );
}

function LogFilters({ search }: { readonly search: LogSearch }) {
  return (
    <search class="filters">
      <SearchField
        label="Search log records"
        placeholder="text, event or attribute value"
        value={search.text}
        onChange={(q) => setParameters({ q })}
      />
      <Choice
        label="Least severity"
        all="any severity"
        value={search.severity}
        options={SEVERITIES}
        onChange={(severity) => setParameters({ severity })}
      />
      <Choice
        label="Service"
        all="all services"
        value={search.service}
        options={services.value}
        onChange={(service) => setParameters({ service })}
      />
      {search.trace === '' ? null : (
        <span class="chosen field">
          of trace{' '}
          <a class="mono" href={`/traces/${encodeURIComponent(search.trace)}`}>
            {search.trace.slice(0, 16)}…
          </a>
          <CloseButton label="Records of all traces" onClick={() => setParameters({ trace: '' })} />
        </span>
      )}
      <span class="dim count">
        {isLoaded.value
          ? `${numberText(found.value)} ${found.value === 1 ? 'record' : 'records'}${isOpenSearch(search) ? '' : ' found'}`
          : ''}
      </span>
    </search>
  );
}

function Foot({ search }: { readonly search: LogSearch }) {
  if (failure.value !== '') return <p class="nothing error">{failure.value}</p>;
  if (!isLoaded.value || logs.value.length > 0) return null;
  return (
    <p class="nothing dim">
      {isOpenSearch(search) ? (
        <>
          No log record has arrived. They are sent with <code>OTEL_LOGS_EXPORTER=otlp</code>.
        </>
      ) : (
        'No record matches. Escape clears the search.'
      )}
    </p>
  );
}
