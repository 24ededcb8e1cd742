// The interface of a subcommand of `sietch-otel`, its arguments and its usage errors.
import { type ParseArgsConfig, parseArgs } from 'node:util';

/**
 * Runs with the arguments after its name; resolves with the exit code. Writes to the process's own
 * streams.
 */
export type Command = (argv: readonly string[]) => Promise<number>;

/** Exit code for a command line that cannot be understood, as shells use it. */
export const EXIT_USAGE = 2;

/** A command line that cannot be understood; its message names what was expected. */
export class UsageError extends Error {}

/**
 * The options and positionals of a subcommand.
 * @throws {UsageError} with the usage
 */
export function parseArguments<const Config extends ParseArgsConfig>(
  argv: readonly string[],
  usage: string,
  config: Config,
): ReturnType<typeof parseArgs<Config & { args: string[] }>> {
  try {
    return parseArgs({ ...config, args: [...argv] });
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
  }
}
