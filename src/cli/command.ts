// The interface of a subcommand of `sietch-otel`, and its usage errors.

/**
 * Runs with the arguments after its name; resolves with the exit code. Writes to the process's own
 * streams.
 */
export type Command = (argv: readonly string[]) => Promise<number>;

/** Exit code for a command line that cannot be understood, as shells use it. */
export const EXIT_USAGE = 2;

/** A command line that cannot be understood; its message names what was expected. */
export class UsageError extends Error {}
