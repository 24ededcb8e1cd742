// Every wait has an end.

/** Rejects after `ms`; what was waited for goes on. */
export function withDeadline<Value>(promise: Promise<Value>, ms: number): Promise<Value> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`No answer within ${ms} ms`)), ms).unref();
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
