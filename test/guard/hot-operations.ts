// Counts the user-space instructions that observing adds to a hot operation: a long run less a short one by the operations between, of the observed app less
// of the bare one. By hand, for any build: npx tsx test/guard/count-instructions.ts [folder of register.js] [operation…]. No vitest here.
import { join } from 'node:path';
import { ROOT } from '../support/checkout.ts';
import { endChild, spawnGuarded } from '../support/guarded-process.ts';
import { countWith, type InstructionCounter, REPEATABLE, UNTIMED } from '../support/instructions.ts';

export const OPERATIONS = ['span', 'query', 'command', 'request'] as const;
export type Operation = (typeof OPERATIONS)[number];

export interface Counting {
  readonly counter: InstructionCounter;
  readonly node: string;
  /** The folder of register.js. */
  readonly dist: string;
  /** Takes OTLP over HTTP. */
  readonly collectorUrl: string;
}

/** Operations of the short and of the long run: multiples of a batch, so that as much is left for the end of the process in both. */
const SHORT = 512;
const LONG = 1536;

/**
 * Without the optimizing compiler, which takes its decisions by what else happens: with it two counts of one build lay up to 60 % apart, without it 0.1 %.
 * So these are the instructions of code that is not optimized, several times those of code that is. With room from the start no garbage collection falls
 * into one run and not into the other.
 */
const FLAGS = [...REPEATABLE, '--no-opt', '--min-semi-space-size=64', '--max-semi-space-size=64', '--initial-heap-size=2000'];
const DEADLINE_MS = 240_000;

/** Operations in the two runs of the observed app. */
export const OBSERVED_OPERATIONS = SHORT + LONG;

export async function countAdded(operation: Operation, counting: Counting): Promise<number> {
  const preload = ['--require', join(counting.dist, 'register.js')];
  const observed = await countOperation(operation, preload, counting);
  return observed - (await countOperation(operation, [], counting));
}

async function countOperation(operation: Operation, preload: readonly string[], counting: Counting): Promise<number> {
  const { counter, node, collectorUrl } = counting;
  const count = (operations: number): Promise<number> => {
    const app = [join(ROOT, 'test/app/instructions.cjs'), operation, String(operations)];
    return countWith(counter, (command) => runToEnd(command, collectorUrl), [node, ...FLAGS, ...preload, ...app]);
  };
  const [less, more] = await Promise.all([count(SHORT), count(LONG)]);
  return (more - less) / (LONG - SHORT);
}

/** @throws {Error} when it does not end well, or writes anything: what it has to say costs instructions too. */
async function runToEnd([command = '', ...args]: readonly string[], collectorUrl: string): Promise<void> {
  const child = spawnGuarded({ command, args, cwd: ROOT, env: environment(collectorUrl), guardGroup: true });
  // With what it started itself, as perf does.
  const deadline = setTimeout(() => process.kill(-(child.pid ?? 0), 'SIGKILL'), DEADLINE_MS);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text: string) => (output += text));
  try {
    await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
    if (child.exitCode !== 0 || output !== '') throw new Error(`${command} ended with ${child.exitCode ?? child.signalCode}:\n${output}`);
  } finally {
    clearTimeout(deadline);
    await endChild(child, 'SIGKILL');
  }
}

function environment(collectorUrl: string): NodeJS.ProcessEnv {
  const outer = Object.entries(process.env).filter(([name]) => !/^(OTEL_|SIETCH_|VITEST|NODE_|FORCE_COLOR$)/.test(name));
  return {
    ...Object.fromEntries(outer),
    ...UNTIMED,
    SIETCH_OTEL_BANNER: 'off',
    // Whether there is one would be a matter of the runs before.
    SIETCH_OTEL_CODE_CACHE: 'off',
    SIETCH_OTEL_NOW: 'off',
    SIETCH_OTEL_RUNTIME_PRECISION_MS: '1000',
    SIETCH_OTEL_SHUTDOWN_MS: '60000',
    SIETCH_OTEL_STILL_RUNNING_MS: '0',
    OTEL_BSP_MAX_QUEUE_SIZE: '100000',
    // Nothing is sent twice.
    OTEL_EXPORTER_OTLP_TIMEOUT: '600000',
    OTEL_LOGS_EXPORTER: 'none',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
    OTEL_EXPORTER_OTLP_ENDPOINT: collectorUrl,
    OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1',
    OTEL_EXPORTER_PROMETHEUS_PORT: '0',
  };
}
