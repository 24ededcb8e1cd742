// What the server is asked about slow queries, as the settings say: who blocks them, and their
// plans.
import type { Counter, Tracer } from '@opentelemetry/api';
import type { SettingsOf } from '../../config/setting.js';
import { Blockers } from './blockers.js';
import type { ErrorFacts } from './database-error.js';
import { Explain } from './explain.js';
import type { QueryRun } from './query-run.js';
import type { querySettings } from './settings.js';
import { SideConnections, type SideConnector } from './side-connections.js';

export interface ServerQuestionsParts<Client> {
  readonly connector: SideConnector<Client>;
  readonly settings: Pick<SettingsOf<typeof querySettings>, 'blockers' | 'explain' | 'slowQueryMs'>;
  counter(): Counter;
  tracer(): Tracer;
}

export class ServerQuestions<Client> {
  readonly #sides: SideConnections<Client>;
  readonly #blockers: Blockers<Client> | undefined;
  readonly #explain: Explain<Client> | undefined;

  constructor({ connector, settings, ...telemetry }: ServerQuestionsParts<Client>) {
    const { blockers, explain, slowQueryMs: slowMs } = settings;
    const parts = { sides: new SideConnections(connector), ...telemetry };
    this.#sides = parts.sides;
    this.#blockers = blockers && slowMs > 0 ? new Blockers({ ...parts, slowMs }) : undefined;
    this.#explain = explain && slowMs > 0 ? new Explain(parts) : undefined;
  }

  /** The server may be at work on this run from now on. */
  begun(run: QueryRun<Client>): void {
    this.#blockers?.watch(run);
  }

  ended(run: QueryRun<Client>): void {
    this.#blockers?.forget(run);
  }

  /** A run has ended that was slow. */
  wasSlow(run: QueryRun<Client>, error: ErrorFacts | undefined): void {
    this.#explain?.consider(run, error);
  }

  /** Ends connections of our own. */
  async close(): Promise<void> {
    this.#blockers?.close();
    await this.#sides.close();
  }
}
