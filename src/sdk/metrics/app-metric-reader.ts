// A metric reader of the app. What it throws goes to one line on stderr, and the SDK's defaults count
// where it does not choose: without them no instrument could be created.
import {
  type AggregationOption,
  AggregationTemporality,
  AggregationType,
  type CollectionResult,
  type IMetricReader,
  type InstrumentType,
} from '@opentelemetry/sdk-metrics';
import { GuardedCalls } from '../guarded-calls.js';

const DEFAULT_LIMIT = 2_000;

export class AppMetricReader implements IMetricReader {
  readonly #given: IMetricReader;
  readonly #calls = new GuardedCalls();

  constructor(given: IMetricReader) {
    this.#given = given;
  }

  setMetricProducer(producer: Parameters<IMetricReader['setMetricProducer']>[0]): void {
    this.#calls.attempt('setMetricProducer', () => this.#given.setMetricProducer(producer), undefined);
  }

  selectAggregation(type: InstrumentType): AggregationOption {
    return this.#calls.attempt('selectAggregation', () => this.#given.selectAggregation(type), { type: AggregationType.DEFAULT });
  }

  selectAggregationTemporality(type: InstrumentType): AggregationTemporality {
    const select = () => this.#given.selectAggregationTemporality(type);
    return this.#calls.attempt('selectAggregationTemporality', select, AggregationTemporality.CUMULATIVE);
  }

  selectCardinalityLimit(type: InstrumentType): number {
    return this.#calls.attempt('selectCardinalityLimit', () => this.#given.selectCardinalityLimit(type), DEFAULT_LIMIT);
  }

  collect(options?: Parameters<IMetricReader['collect']>[0]): Promise<CollectionResult> {
    return this.#given.collect(options);
  }

  forceFlush(options?: Parameters<IMetricReader['forceFlush']>[0]): Promise<void> {
    return this.#calls.settle('forceFlush', () => this.#given.forceFlush(options));
  }

  shutdown(options?: Parameters<IMetricReader['shutdown']>[0]): Promise<void> {
    return this.#calls.settle('shutdown', () => this.#given.shutdown(options));
  }
}
