// The processes that `sietch-otel now` asks, found anew for each round.
import { AskedProcess } from '../../now/asked-process.js';
import { findProcesses, type PreloadedProcess } from '../../now/processes.js';
import { type AskedAnswer, isOfService } from './answers.js';
import { isProcessId, type NowOptions } from './options.js';

/** A process that has not answered by then is said to be blocked. */
const SILENT_MS = 1_000;

export class AskedProcesses {
  readonly #options: NowOptions;
  #byPath = new Map<string, AskedProcess>();
  readonly #refused = new Set<string>();

  constructor(options: NowOptions) {
    this.#options = options;
  }

  async ask(): Promise<AskedAnswer[]> {
    const { target, most, isJson } = this.#options;
    const found = this.#find();
    const isTable = target === undefined && !isJson && found.length > 1;
    const answers = await Promise.all(
      found.map(async (each) => ({ process: each.process, answer: await each.ask(isTable ? 1 : most, SILENT_MS) })),
    );
    return answers
      .flatMap(({ process, answer }) => (answer.kind === 'ended' ? [] : [{ process, answer }]))
      .filter((each) => this.#isWanted(each));
  }

  close(): void {
    for (const each of this.#byPath.values()) each.close();
  }

  #find(): AskedProcess[] {
    const { processes, refused } = findProcesses(this.#options.ofAllUsers);
    for (const reason of refused) {
      if (!this.#refused.has(reason))
        process.stderr.write(`sietch-otel: not looked into, since another user could have put something there: ${reason}\n`);
      this.#refused.add(reason);
    }
    const wanted = processes.filter((each) => this.#mayBeWanted(each)).map((each) => this.#asked(each));
    this.#byPath = new Map(wanted.map((each) => [each.process.path, each]));
    return wanted;
  }

  #asked(found: PreloadedProcess): AskedProcess {
    return this.#byPath.get(found.path) ?? new AskedProcess(found);
  }

  #mayBeWanted({ pid }: PreloadedProcess): boolean {
    const { target } = this.#options;
    return target === undefined || !isProcessId(target) || pid === Number(target);
  }

  #isWanted(asked: AskedAnswer): boolean {
    const { target } = this.#options;
    return target === undefined || isProcessId(target) || isOfService(asked, target);
  }
}
