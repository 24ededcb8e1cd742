// A line for whoever waits longer than a second. Used by tests and the demo: no vitest here.

export type OnProgress = (line: string) => void;

/** Runs `work`; tells `onProgress` what it is when it takes more than a second. */
export async function withProgress<Result>(what: string, onProgress: OnProgress | undefined, work: () => Promise<Result>): Promise<Result> {
  const timer = setTimeout(() => onProgress?.(`${what} …`), 1_000);
  try {
    return await work();
  } finally {
    clearTimeout(timer);
  }
}
