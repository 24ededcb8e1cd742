// The page Now: what the preloaded processes on this machine do at this moment.
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { ApiProcess, NowAnswer } from '../../api.js';
import { ask } from '../parts/api-client.js';
import { useCardShortcuts } from '../parts/card-keys.js';
import { useRefresher } from '../parts/refresh.js';
import { lineText } from '../parts/text.js';
import { ProcessCard } from './process-card.js';

const processes = signal<readonly ApiProcess[] | undefined>(undefined);
const failure = signal('');
const REFRESH_MS = 1_000;

export function NowPage() {
  useCardShortcuts();
  const refresher = useRefresher(fetchNow, '', REFRESH_MS);
  useEffect(() => {
    const timer = window.setInterval(() => {
      if (!document.hidden) refresher.request();
    }, REFRESH_MS);
    return () => window.clearInterval(timer);
  }, []);
  const list = processes.value;
  return (
    <main class="page">
      <div class="scroll wide-view">
        <h1>Now</h1>
        {failure.value === '' ? null : <p class="error">{failure.value}</p>}
        {list?.length === 0 ? (
          <p class="dim">
            No preloaded process of this user was found on this machine. It opens its socket about a second after its start, unless{' '}
            <code>SIETCH_OTEL_NOW=off</code>.
          </p>
        ) : null}
        {list?.map((process) =>
          'state' in process ? <ProcessCard key={process.pid} state={process.state} /> : <Silent key={process.pid} process={process} />,
        )}
      </div>
    </main>
  );
}

function Silent({ process }: { readonly process: Extract<ApiProcess, { readonly unanswered: unknown }> }) {
  return (
    <section class="card process" data-card="" tabIndex={-1} aria-label={`Process ${process.pid}`}>
      <h2>
        {lineText(process.service)} <span class="dim">pid {process.pid}</span>
      </h2>
      <p class="error">{lineText(process.unanswered.message ?? `does not answer: ${process.unanswered.reason}`)}</p>
    </section>
  );
}

function fetchNow(signal: AbortSignal): Promise<void> {
  return ask<NowAnswer>('/api/now', signal, failure, (answer) => {
    processes.value = answer.processes;
  });
}
