// The page that shows a trace of the demo: that of `sietch-otel view` where it receives, else Jaeger's of docker-compose.yml.

const PROBE_TIMEOUT_MS = 1_000;

/** @param collector where the demo sends: only the viewer answers there with a page */
export async function tracePage(collector: string, traceId: string): Promise<string> {
  const type = await fetch(collector, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) }).then(
    async (response) => {
      await response.body?.cancel();
      return response.headers.get('content-type') ?? '';
    },
    () => '',
  );
  return type.startsWith('text/html') ? new URL(`/?trace=${traceId}`, collector).href : `http://localhost:16686/trace/${traceId}`;
}
