// Asks the API of a viewer on this machine.

const TIMEOUT_MS = 15_000;
const MAX_ANSWER_BYTES = 32 * 1024 * 1024;

export type Parameters = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

export class ViewerClient {
  readonly #url: URL;

  constructor(url: URL) {
    this.#url = url;
  }

  /**
   * The type is that of api.ts for this path: the viewer is of this package.
   * @throws {Error} whose message says what to do.
   */
  async get<Answer>(path: string, parameters: Parameters = {}): Promise<Answer> {
    const url = new URL(path, this.#url);
    for (const [name, value] of Object.entries(parameters)) {
      for (const each of Array.isArray(value) ? value : [value])
        if (each !== undefined && each !== false) url.searchParams.append(name, String(each));
    }
    const response = await this.#fetch(url);
    const body = await readBounded(response);
    const answer = JSON.parse(body);
    if (!response.ok) throw new Error(typeof answer?.message === 'string' ? answer.message : `the viewer answered ${response.status}`);
    return answer;
  }

  async #fetch(url: URL): Promise<Response> {
    try {
      return await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS), redirect: 'error' });
    } catch {
      throw new Error(`no viewer answers on ${this.#url.origin}: start one with \`npx sietch-otel view\`, and send telemetry to it`);
    }
  }
}

async function readBounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > MAX_ANSWER_BYTES) throw new Error('the answer of the viewer is too large: narrow the search');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
