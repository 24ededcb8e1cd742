// The frame of every page: navigation, what has arrived, the keyboard's global shortcuts, help.
import { useEffect } from 'preact/hooks';
import { Announcement } from '../parts/announce.js';
import { focusSearch, useShortcuts } from '../parts/keyboard.js';
import { isConnected, isEmpty, totals } from '../parts/live.js';
import { navigate, type PageName, pageAddress, route } from '../parts/route.js';
import { numberText } from '../parts/text.js';
import { nextTheme, theme } from '../parts/theme.js';
import { FirstPage } from './first-page.js';
import { Help, openHelp } from './help.js';
import { DropHint } from './import-file.js';
import { PageContent } from './page-content.js';

const TITLES: Readonly<Record<PageName, string>> = { traces: 'Traces', logs: 'Logs', metrics: 'Metrics', queues: 'Queues', now: 'Now' };
const ENTRIES: readonly PageName[] = ['traces', 'logs', 'metrics', 'queues', 'now'];

export function App() {
  const { page, id } = route.value;
  useShortcuts({
    '/': focusSearch,
    '?': openHelp,
    t: nextTheme,
    'g t': () => navigate(pageAddress('traces')),
    'g l': () => navigate(pageAddress('logs')),
    'g m': () => navigate(pageAddress('metrics')),
    'g q': () => navigate(pageAddress('queues')),
    'g n': () => navigate(pageAddress('now')),
    Escape: () => {
      if (!(document.activeElement instanceof HTMLInputElement)) return true;
      document.activeElement.blur();
      return false;
    },
  });
  useEffect(() => {
    document.title = `${TITLES[page]}${id === '' ? '' : ` ${id.slice(0, 8)}`} · sietch-otel view`;
  }, [page, id]);
  // What runs now is known without telemetry.
  const isFirst = isEmpty.value && page !== 'now' && id === '';
  return (
    <>
      <header class="top">
        <a class="brand" href="/traces">
          <b>sietch-otel</b> view
        </a>
        <nav aria-label="Pages">
          {ENTRIES.map((entry) => (
            <a key={entry} href={pageAddress(entry)} aria-current={entry === page ? 'page' : undefined}>
              {TITLES[entry]}
            </a>
          ))}
        </nav>
        <Arrived />
        <button type="button" onClick={nextTheme} aria-label={`Colours: ${theme.value}`} title="Colours: as the system, light, dark (t)">
          {theme.value}
        </button>
        <button type="button" onClick={openHelp} aria-label="Keyboard shortcuts" title="Keyboard shortcuts (?)">
          ?
        </button>
      </header>
      {isFirst ? <FirstPage /> : <PageContent />}
      <Help />
      <DropHint />
      <Announcement />
    </>
  );
}

function Arrived() {
  const known = totals.value;
  if (!isConnected.value) {
    return (
      <span class="arrived error" role="status">
        {known === undefined ? '' : 'the viewer has stopped'}
      </span>
    );
  }
  if (known === undefined) return <span class="arrived" />;
  const dropped = known.droppedSpans + known.droppedLogs;
  return (
    <span class="arrived" title={dropped === 0 ? 'Kept in memory' : `${numberText(dropped)} older spans and log records were dropped`}>
      <span class="live" aria-hidden="true" />
      {numberText(known.spans)} spans <span class="wide">· {numberText(known.logs)} log records</span>
    </span>
  );
}
