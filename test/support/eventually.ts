// Waiting for what no event tells of.

/**
 * Asks `condition` every 20 ms until it returns something other than false or undefined, and resolves with that.
 * @throws {Error} that says what was waited for, after `timeoutMs` (default 45000). An error of `condition` passes through at once.
 */
export async function eventually<Result>(
  what: string,
  condition: () => Result | false | undefined | Promise<Result | false | undefined>,
  timeoutMs = 45_000,
): Promise<Result> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const result = await condition();
    if (result !== false && result !== undefined) return result;
    if (Date.now() > deadline) throw new Error(`Within ${timeoutMs} ms it did not come true: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The answer of a server that may not listen yet: the metrics endpoint opens up to a second after the app. */
export function answering(url: string, options?: RequestInit): Promise<Response> {
  return eventually(`${url} answers`, () => fetch(url, options).catch(() => undefined));
}
