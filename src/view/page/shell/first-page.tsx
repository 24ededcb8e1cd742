// The page while nothing has arrived: what to do, and whether the port listens.
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { CopyButton } from '../parts/copy-button.js';
import { status } from '../parts/live.js';
import { route } from '../parts/route.js';

const CHECK_MS = 3_000;
type Port = 'asking' | 'listens' | 'silent';
const port = signal<Port>('asking');

export function FirstPage() {
  useEffect(() => {
    const timer = window.setInterval(() => void check(), CHECK_MS);
    void check();
    return () => window.clearInterval(timer);
  }, []);
  const address = status.value?.http ?? location.origin;
  const isDefault = new URL(address).port === '4318';
  const lines = [
    'npm install @sietch/otel',
    ...(isDefault ? [] : [`export OTEL_EXPORTER_OTLP_ENDPOINT=${address}`]),
    'node --require @sietch/otel/register app.js',
  ];
  return (
    <main class="page first">
      <h1>Waiting for telemetry</h1>
      <Check address={address} />
      <p>Start your app with these lines, and send it a request:</p>
      <div class="code">
        <pre>{lines.join('\n')}</pre>
        <CopyButton text={lines.join('\n')} what="the lines" />
      </div>
      <p class="dim">
        Log records come along with <code>OTEL_LOGS_EXPORTER=otlp</code>, metrics with <code>OTEL_METRICS_EXPORTER=otlp</code>. An app of
        any language that exports OTLP to <span class="mono">{address}</span>
        {status.value?.grpc === undefined ? null : (
          <>
            {' '}
            or by gRPC to <span class="mono">{status.value.grpc}</span>
          </>
        )}{' '}
        shows up too. Nothing arrives? <code>npx sietch-otel doctor</code> says why.
      </p>
      <p class="dim">
        A trace in a file is opened by dropping it here. What runs on this machine is on the page <a href="/now">Now</a>.
        {route.value.page === 'metrics' ? ' Metrics of an endpoint for Prometheus are read with --scrape URL.' : ''}
      </p>
    </main>
  );
}

function Check({ address }: { readonly address: string }) {
  const texts: Readonly<Record<Port, string>> = {
    asking: `Asking ${address} …`,
    listens: `${address} takes OTLP. Nothing has arrived yet.`,
    silent: `${address} does not answer: does sietch-otel view still run?`,
  };
  return (
    <p class={`check ${port.value}`} role="status">
      {texts[port.value]}
    </p>
  );
}

/** Sends an export of nothing, as an app would. */
async function check(): Promise<void> {
  try {
    const response = await fetch('/v1/traces', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"resourceSpans":[]}',
      signal: AbortSignal.timeout(CHECK_MS),
    });
    port.value = response.ok ? 'listens' : 'silent';
  } catch {
    port.value = 'silent';
  }
}
