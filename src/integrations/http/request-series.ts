// The metrics of the requests of one method and scheme: how many are being answered, and the series
// of their durations. A duration finds its series by route and status, not by all of its attributes.
import type { Attributes, Histogram, ObservableResult } from '@opentelemetry/api';
import {
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_HTTP_ROUTE,
  ATTR_NETWORK_PROTOCOL_VERSION,
  ATTR_URL_SCHEME,
} from '@opentelemetry/semantic-conventions';
import { storageOf } from '../../sdk/metrics/metric-storages.js';
import type { MeasuredSeries } from '../../sdk/metrics/series-storage.js';
import type { Scheme } from './incoming-attributes.js';
import { methodInName } from './names.js';

/** Series of one method and scheme that are kept at hand; an app can make up routes. */
const MAX_KEPT = 1_000;
/** The version of nearly all requests. */
const USUAL_VERSION = '1.1';

/** What the requests to one route share. */
interface RouteSeries {
  readonly spanName: string;
  readonly byStatus: Map<number, MeasuredSeries>;
}

export class RequestSeries {
  /** Of the requests that are being answered. */
  readonly attributes: Attributes;
  /** How many are being answered. */
  count = 0;
  readonly #method: string;
  readonly #routes = new Map<string | undefined, RouteSeries>();
  #histogram: Histogram | undefined = undefined;
  #left = MAX_KEPT;

  constructor(method: Attributes[string], scheme: Scheme) {
    this.#method = methodInName(method);
    this.attributes = { [ATTR_HTTP_REQUEST_METHOD]: method, [ATTR_URL_SCHEME]: scheme };
  }

  /** The name of the span of a request to the route. */
  spanName(route: string): string {
    return this.#routes.get(route)?.spanName ?? `${this.#method} ${route}`;
  }

  /** Attributes of a duration. */
  measured(version: Attributes[string], route: string | undefined, statusCode: number | undefined): Attributes {
    const attributes: Attributes = { ...this.attributes };
    if (version) attributes[ATTR_NETWORK_PROTOCOL_VERSION] = version;
    if (route !== undefined) attributes[ATTR_HTTP_ROUTE] = route;
    if (statusCode) attributes[ATTR_HTTP_RESPONSE_STATUS_CODE] = statusCode;
    return attributes;
  }

  /**
   * The series of the requests by HTTP/1.1 that succeed; undefined where the instrument does not
   * have our storage, or too many are kept.
   */
  duration(histogram: Histogram, version: Attributes[string], route: string | undefined, statusCode: number): MeasuredSeries | undefined {
    if (version !== USUAL_VERSION) return undefined;
    if (histogram !== this.#histogram) this.#forget(histogram);
    return this.#routes.get(route)?.byStatus.get(statusCode) ?? this.#keep(histogram, route, statusCode);
  }

  #keep(histogram: Histogram, route: string | undefined, statusCode: number): MeasuredSeries | undefined {
    const storage = this.#left > 0 ? storageOf(histogram) : undefined;
    if (storage === undefined) return undefined;
    this.#left--;
    const series = storage.series(this.measured(USUAL_VERSION, route, statusCode));
    const known = this.#routes.get(route);
    if (known !== undefined) known.byStatus.set(statusCode, series);
    else this.#routes.set(route, { spanName: `${this.#method} ${route}`, byStatus: new Map([[statusCode, series]]) });
    return series;
  }

  /** The SDK has set another meter provider. */
  #forget(histogram: Histogram): void {
    this.#histogram = histogram;
    this.#routes.clear();
    this.#left = MAX_KEPT;
  }
}

/** Those of all methods and schemes. */
export class AllRequestSeries {
  readonly #series = { http: new Map<unknown, RequestSeries>(), https: new Map<unknown, RequestSeries>() };

  /** @param method as in attributes: one of a known set */
  of(method: Attributes[string], scheme: Scheme): RequestSeries {
    const byMethod = this.#series[scheme];
    const known = byMethod.get(method);
    if (known !== undefined) return known;
    const made = new RequestSeries(method, scheme);
    byMethod.set(method, made);
    return made;
  }

  /** Observes how many requests are being answered. */
  observe(result: ObservableResult): void {
    for (const byMethod of Object.values(this.#series))
      for (const { attributes, count } of byMethod.values()) result.observe(count, attributes);
  }
}
