// `sietch-otel doctor -- node app.js`: finds out why telemetry does not arrive.
import { constants } from 'node:os';
import { join } from 'node:path';
import { diagnostics } from '../diagnose/codes.js';
import { diagnose, isCause, report, type Subject } from '../doctor/diagnosis.js';
import { effectiveConfiguration, printConfiguration } from '../doctor/effective-configuration.js';
import { parseArguments, UsageError } from './command.js';

const DEFAULT_WATCH_S = 10;
const MAX_WATCH_S = 3600;
const USAGE = `Usage: sietch-otel doctor [options] [-- command …]
       sietch-otel doctor --config [--json]

Looks for what keeps telemetry from arriving: in the environment, at the collector, and, with a command, in the app, which is
run with the preload added, watched for a while once it has been loaded, and ended by SIGTERM with all that it started.
What the app prints goes to stderr, the findings to stdout. Each has a code, a cause and a remedy (docs/doctor.md).
Exits with 1 when something was found that keeps telemetry from arriving, and when the app did not report that it has checked itself.

  --config    print the effective configuration and where each value comes from (default, environment, OTEL_CONFIG_FILE), without
              secrets; exits with 1 when the file cannot be used
  --for <s>   seconds the app is watched (default ${DEFAULT_WATCH_S}); call it meanwhile, so that it has something to trace
  --json      print the findings, or the configuration, as JSON
  --help
`;

const OPTIONS = {
  for: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  config: { type: 'boolean' },
} as const;

export async function doctor(argv: readonly string[]): Promise<number> {
  const { own, command } = split(argv);
  const { values } = parseArguments(own, USAGE, { options: OPTIONS });
  if (values.help === true) {
    process.stdout.write(USAGE);
    return 0;
  }
  if (values.config === true) return printEffective(command, values.json === true);
  const subject = subjectOf(command, values.for);
  const interruption = onInterruption();
  const findings = await diagnose(process.env, subject === undefined ? undefined : { ...subject, stop: interruption.stop });
  const explained = findings.map((finding) => ({ ...finding, ...diagnostics()[finding.code] }));
  process.stdout.write(values.json === true ? `${JSON.stringify(explained)}\n` : report(findings, subject !== undefined));
  return interruption.exitCode ?? (findings.some(isCause) ? 1 : 0);
}

function printEffective(command: readonly string[], isJson: boolean): number {
  if (command.length > 0)
    throw new UsageError('`--config` takes no command: it reads the environment and the file that OTEL_CONFIG_FILE names');
  const configuration = effectiveConfiguration(process.env);
  process.stdout.write(isJson ? `${JSON.stringify(configuration)}\n` : printConfiguration(configuration));
  return configuration.failure === undefined ? 0 : 1;
}

interface Interruption {
  readonly stop: AbortSignal;
  /** The exit code that a shell reports for a process ended by the signal. */
  exitCode: number | undefined;
}

/**
 * The first signal ends the watch: the app is ended and the findings are printed. The second ends
 * the doctor, which kills the app.
 */
function onInterruption(): Interruption {
  const controller = new AbortController();
  const interruption: Interruption = { stop: controller.signal, exitCode: undefined };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      const exitCode = 128 + constants.signals[signal];
      if (interruption.exitCode !== undefined) process.exit(exitCode);
      interruption.exitCode = exitCode;
      controller.abort();
    });
  }
  return interruption;
}

function split(argv: readonly string[]): { own: readonly string[]; command: readonly string[] } {
  const at = argv.indexOf('--');
  return at === -1 ? { own: argv, command: [] } : { own: argv.slice(0, at), command: argv.slice(at + 1) };
}

function subjectOf([command, ...args]: readonly string[], seconds: string | undefined): Subject | undefined {
  const watch = seconds === undefined ? DEFAULT_WATCH_S : Number(seconds);
  if (!(watch > 0 && watch <= MAX_WATCH_S))
    throw new UsageError(`Expected \`--for\` to be a number of seconds up to ${MAX_WATCH_S}, got ${seconds}`);
  if (command === undefined) return undefined;
  const onLine = (line: string) => process.stderr.write(`${line}\n`);
  // From dist/cli, and from dist itself when bundled.
  const preload = require.resolve(join(__dirname, __dirname.endsWith('cli') ? '..' : '.', 'doctor-preload.js'));
  return { command, args, watchMs: watch * 1000, preload, onLine };
}
