// Counts the requests that are being answered, by method and scheme: an addition and a subtraction a
// request, read when somebody collects.
import type { Attributes, ObservableResult } from '@opentelemetry/api';
import { ATTR_HTTP_REQUEST_METHOD, ATTR_URL_SCHEME } from '@opentelemetry/semantic-conventions';
import type { Scheme } from './incoming-attributes.js';

export interface ActiveSeries {
  readonly attributes: Attributes;
  count: number;
}

export class ActiveRequests {
  readonly #series = { http: new Map<unknown, ActiveSeries>(), https: new Map<unknown, ActiveSeries>() };

  /** @param method as in attributes: one of a known set */
  of(method: Attributes[string], scheme: Scheme): ActiveSeries {
    const byMethod = this.#series[scheme];
    const known = byMethod.get(method);
    if (known !== undefined) return known;
    const made: ActiveSeries = { attributes: { [ATTR_HTTP_REQUEST_METHOD]: method, [ATTR_URL_SCHEME]: scheme }, count: 0 };
    byMethod.set(method, made);
    return made;
  }

  observe(result: ObservableResult): void {
    for (const byMethod of Object.values(this.#series))
      for (const { attributes, count } of byMethod.values()) result.observe(count, attributes);
  }
}
