// The commands that wait for their answers now, by what they were sent on.
import { ageOf } from '../open-calls.js';
import { type RunningOperation, running } from '../running-operations.js';

/** The open commands of one client. */
export interface OpenCommands {
  readonly oldestCommand: string;
  /** Seconds. */
  readonly oldestAge: number;
  count: number;
}

/** @param ownerOf the client or connection of a command; undefined for other operations */
export function openCommands<Client>(
  ownerOf: (operation: RunningOperation) => { readonly client: Client; readonly name: string } | undefined,
): ReadonlyMap<Client, OpenCommands> {
  const now = performance.now();
  const commands = new Map<Client, OpenCommands>();
  for (const operation of running) {
    const owner = ownerOf(operation);
    if (owner === undefined) continue;
    const known = commands.get(owner.client);
    if (known !== undefined) known.count++;
    else commands.set(owner.client, { oldestCommand: owner.name, oldestAge: ageOf(operation, now), count: 1 });
  }
  return commands;
}

export function addressOf({ address, port }: { readonly address: string | undefined; readonly port: number | undefined }): string {
  return `${address ?? 'unknown_host'}${port === undefined ? '' : `:${port}`}`;
}
