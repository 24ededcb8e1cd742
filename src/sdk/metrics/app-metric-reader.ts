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
import { ProcessorTrouble } from '../processor-trouble.js';

const DEFAULT_LIMIT = 2_000;

export class AppMetricReader implements IMetricReader {
  readonly #given: IMetricReader;
  readonly #trouble = new ProcessorTrouble();

  constructor(given: IMetricReader) {
    this.#given = given;
  }

  setMetricProducer(producer: Parameters<IMetricReader['setMetricProducer']>[0]): void {
    this.#attempt('setMetricProducer', () => this.#given.setMetricProducer(producer), undefined);
  }

  selectAggregation(type: InstrumentType): AggregationOption {
    return this.#attempt('selectAggregation', () => this.#given.selectAggregation(type), { type: AggregationType.DEFAULT });
  }

  selectAggregationTemporality(type: InstrumentType): AggregationTemporality {
    const select = () => this.#given.selectAggregationTemporality(type);
    return this.#attempt('selectAggregationTemporality', select, AggregationTemporality.CUMULATIVE);
  }

  selectCardinalityLimit(type: InstrumentType): number {
    return this.#attempt('selectCardinalityLimit', () => this.#given.selectCardinalityLimit(type), DEFAULT_LIMIT);
  }

  collect(options?: Parameters<IMetricReader['collect']>[0]): Promise<CollectionResult> {
    return this.#given.collect(options);
  }

  async forceFlush(options?: Parameters<IMetricReader['forceFlush']>[0]): Promise<void> {
    await this.#given.forceFlush(options).catch((error: unknown) => this.#trouble.report('forceFlush', error));
  }

  async shutdown(options?: Parameters<IMetricReader['shutdown']>[0]): Promise<void> {
    await this.#given.shutdown(options).catch((error: unknown) => this.#trouble.report('shutdown', error));
  }

  #attempt<Result>(method: string, call: () => Result, instead: Result): Result {
    try {
      return call();
    } catch (error) {
      this.#trouble.report(method, error);
      return instead;
    }
  }
}
