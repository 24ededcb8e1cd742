// Decides which queries are slow, and reports them: counter, log record, span event, listeners, and
// what the server is asked about them.
import type { Attributes } from '@opentelemetry/api';
import { onSettingsChange } from '../../config/live-settings.js';
import type { SettingsOf } from '../../config/setting.js';
import { keepTrace } from '../../context/trace-recording.js';
import { EventLoopBlocks } from '../event-loop-blocks.js';
import { LogLimit } from '../log-limit.js';
import type { CallerStacks } from './caller-stacks.js';
import type { ErrorFacts } from './database-error.js';
import type { QueryInstruments } from './instruments.js';
import type { QueryRun } from './query-run.js';
import type { RowCounts } from './row-counts.js';
import type { ServerQuestions } from './server-questions.js';
import type { querySettings } from './settings.js';
import { describeSlowQuery, reportSlowQuery, type SlowTime } from './slow-query-report.js';

export interface SlowQueriesParts<Client> {
  readonly settings: SettingsOf<typeof querySettings>;
  instruments(): QueryInstruments;
  readonly questions: ServerQuestions<Client>;
  readonly stacks: CallerStacks;
}

export class SlowQueries<Client> {
  readonly #parts: SlowQueriesParts<Client>;
  #slowMs = Number.POSITIVE_INFINITY;
  /** Undefined when nothing is slow by the settings. */
  #loopBlocks: EventLoopBlocks | undefined;
  readonly #log = new LogLimit();

  constructor(parts: SlowQueriesParts<Client>) {
    this.#parts = parts;
    const { settings } = parts;
    this.#useThreshold(settings.slowQueryMs);
    onSettingsChange(settings, () => this.#useThreshold(settings.slowQueryMs));
  }

  /** A query starts. */
  watch(): void {
    this.#loopBlocks?.watch();
  }

  /**
   * Undefined where the run was not slow, or took so long only because the event loop was blocked;
   * that is reported instead.
   */
  timeOf(run: QueryRun<Client>, durationMs: number): SlowTime | undefined {
    if (durationMs < this.#slowMs) return undefined;
    const loopBlockedMs = this.#loopBlocks?.blockedMs(run.startedAt) ?? 0;
    if (durationMs - loopBlockedMs >= this.#slowMs) return { durationMs, loopBlockedMs };
    this.#loopBlocks?.report('a query', run.shape.statement.operation, durationMs, loopBlockedMs);
    return undefined;
  }

  /**
   * @param attributes of the series of its duration
   * @param end when its span will end
   */
  report(
    run: QueryRun<Client>,
    time: SlowTime,
    rows: RowCounts,
    facts: ErrorFacts | undefined,
    attributes: Attributes,
    end: number | undefined,
  ): void {
    keepTrace(run.spanContext, 'slow_query');
    this.#parts.instruments().slowQueries.add(1, attributes, run.context);
    reportSlowQuery(describeSlowQuery(run, time, rows, facts), run, this.#log.take(), end);
    this.#parts.stacks.mark(run.shape);
    this.#parts.questions.wasSlow(run, facts);
  }

  #useThreshold(slowMs: number): void {
    this.#slowMs = slowMs === 0 ? Number.POSITIVE_INFINITY : slowMs;
    this.#loopBlocks = slowMs === 0 ? undefined : new EventLoopBlocks(slowMs);
  }
}
