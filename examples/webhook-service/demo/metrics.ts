// The metrics that the demo's webhooks changed, read from the service's own Prometheus endpoints.

/** A series without its bucket lines, and its value. */
export type Series = ReadonlyMap<string, number>;

const SHOWN =
  /^(sietch_(?!otel|metrics)|db_client_operation_duration\w*_count|messaging_\w+_count|http_(server|client)_request_duration\w*_count)/;

/** Waits for the endpoint, which opens a second after the start of an app that does not listen itself, like the worker. */
export async function scrape(url: string): Promise<Series> {
  const signal = AbortSignal.timeout(10_000);
  let response: Response | undefined;
  while (response === undefined) {
    response = await fetch(url, { signal }).catch(() => undefined);
    signal.throwIfAborted();
    if (response === undefined) await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const series = new Map<string, number>();
  for (const line of (await response.text()).split('\n')) {
    const match = /^([^#][^ ]*(?:\{.*\})?) (\S+)/.exec(line);
    if (match?.[1] !== undefined && SHOWN.test(match[1]) && !/_(bucket|sum)\b/.test(match[1]))
      series.set(shorten(match[1]), Number(match[2]));
  }
  return series;
}

/** One line for each series that is new or has another value. */
export function changes(before: Series, after: Series): string[] {
  const lines: string[] = [];
  for (const [name, value] of after) {
    const old = before.get(name) ?? 0;
    if (value !== old && !Number.isNaN(value)) lines.push(`${name}  ${format(old)} → ${format(value)}`);
  }
  return lines.sort();
}

const format = (value: number) => (Number.isInteger(value) ? String(value) : value.toPrecision(3));

/** Leaves out the labels that say the same on every series. */
function shorten(series: string): string {
  return series
    .replace(/(?:otel_scope_\w+|server_address|server_port|network_protocol_version|url_scheme|db_namespace)="[^"]*",?/g, '')
    .replace(/,\}/, '}')
    .replace('{}', '');
}
