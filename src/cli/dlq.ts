// `sietch-otel dlq`: lists, shows, replays and removes the dead letters of a WebhookQueue, with the
// bullmq and ioredis of the app in the current folder.

import { routeEvents } from '../logging/event-log.js';
import {
  type DeadLetter,
  type DeadLetterDetails,
  type DeadLetterFilter,
  type WebhookQueue,
  WebhookQueueError,
} from '../webhooks/library.js';
import { type Command, parseArguments, UsageError } from './command.js';
import { ANSWER_MS, assertAnswers, openQueue, type QueueAddress, readRedisUrl, readUrl } from './dead-letter-queue.js';

const DEFAULT_URL = 'redis://127.0.0.1:6379';
const USAGE = `Usage: sietch-otel dlq <action> <queue> [id] [options]

Dead letters of a WebhookQueue: events without attempts left.

  ls <queue>            list them, newest first
  show <queue> <id>     the error and the trace of each attempt
  replay <queue> <id>   put one back with all its attempts, in a new trace
  replay <queue> --all  put back all that match
  rm <queue> <id>       delete one for good

  --url <url>           Redis (default: REDIS_URL, else ${DEFAULT_URL})
  --spill <url>         PostgreSQL of the queue's spill, if it has one
  --schema <name>       schema of the spill (default: sietch_queue)
  --prefix <prefix>     key prefix of the queue (default: bull)
  --type <type>         only events of this type
  --reason <text>       only those whose last error holds this text
  --limit <n>           list at most so many (default: 100)
  --rate <n>            replay at most so many a second (default: 50)
  --payload             show the payload, too
  --json                print JSON
  --help
`;

const OPTIONS = {
  url: { type: 'string' },
  spill: { type: 'string' },
  schema: { type: 'string' },
  prefix: { type: 'string' },
  type: { type: 'string' },
  reason: { type: 'string' },
  limit: { type: 'string' },
  rate: { type: 'string' },
  all: { type: 'boolean' },
  payload: { type: 'boolean' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

type Values = ReturnType<typeof parseArguments<{ options: typeof OPTIONS }>>['values'];

interface Call {
  readonly queue: WebhookQueue;
  readonly id: string | undefined;
  readonly values: Values;
}

const actions: Readonly<Record<string, (call: Call) => Promise<string>>> = { ls, show, replay, rm };

export const dlq: Command = async (argv) => {
  const { positionals, values } = parseArguments(argv, USAGE, { allowPositionals: true, options: OPTIONS });
  if (values.help === true) {
    process.stdout.write(USAGE);
    return 0;
  }
  const [name = '', queueName, id, ...more] = positionals;
  const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
  if (action === undefined || queueName === undefined || more.length > 0)
    throw new UsageError(`Expected an action and a queue\n\n${USAGE}`);
  routeEvents('off');
  const queue = openQueue(addressOf(queueName, values));
  try {
    await assertAnswers(queue, values.spill !== undefined);
    if (!(await queue.exists())) throw new Error(`There is no queue ${JSON.stringify(queueName)} under the prefix ${prefixOf(values)}`);
    process.stdout.write(await action({ queue, id, values }));
    return 0;
  } catch (error) {
    if (!(error instanceof WebhookQueueError) || error.code !== 'WEBHOOK_DEAD_LETTER_NOT_FOUND') throw error;
    throw new Error(`${queueName} has no dead letter ${JSON.stringify(id)}`);
  } finally {
    await queue.close({ timeoutMs: ANSWER_MS });
  }
};

function addressOf(name: string, values: Values): QueueAddress {
  const { spill, schema } = values;
  return {
    name,
    url: readRedisUrl('--url', values.url ?? process.env['REDIS_URL'] ?? DEFAULT_URL),
    prefix: prefixOf(values),
    spill: spill === undefined ? undefined : readUrl('--spill', spill, /^postgres(ql)?:$/, 'postgres://'),
    schema,
  };
}

function prefixOf({ prefix = 'bull' }: Values): string {
  return prefix;
}

async function ls({ queue, values }: Call): Promise<string> {
  const letters = await queue.deadLetters.list({ filter: readFilter(values), limit: readCount('--limit', values.limit, 100) });
  if (values.json === true) return `${JSON.stringify(letters)}\n`;
  if (letters.length === 0) return `${queue.name} has no dead letters.\n`;
  return letters.map((letter) => `${line(letter)}\n`).join('');
}

async function show({ queue, id, values }: Call): Promise<string> {
  const { payload, ...letter } = await queue.deadLetters.get(readId(id));
  const shown = values.payload === true ? { ...letter, payload } : letter;
  return values.json === true ? `${JSON.stringify(shown)}\n` : describe(shown);
}

async function replay({ queue, id, values }: Call): Promise<string> {
  if (values.all === true) {
    const filter = readFilter(values);
    const count = await queue.deadLetters.replayAll({ filter, ratePerSecond: readCount('--rate', values.rate, 50) });
    return values.json === true ? `${JSON.stringify({ replayed: count })}\n` : `Replayed ${count}.\n`;
  }
  const result = await queue.deadLetters.replay(readId(id));
  return values.json === true ? `${JSON.stringify(result)}\n` : `Replayed ${JSON.stringify(id)}.\n`;
}

async function rm({ queue, id, values }: Call): Promise<string> {
  await queue.deadLetters.remove(readId(id));
  return values.json === true ? `${JSON.stringify({ removed: id })}\n` : `Removed ${JSON.stringify(id)}.\n`;
}

function readId(id: string | undefined): string {
  if (id === undefined || id === '') throw new UsageError(`Expected the id of an event\n\n${USAGE}`);
  return id;
}

function readCount(option: string, text: string | undefined, byDefault: number): number {
  if (text === undefined) return byDefault;
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new UsageError(`Expected \`${option}\` to be a whole number of at least 1, got ${JSON.stringify(text)}`);
}

function readFilter({ type, reason }: Values): DeadLetterFilter {
  return { ...(type === undefined ? {} : { type }), ...(reason === undefined ? {} : { reason }) };
}

function line({ id, type, diedAt, store, reason, traceId }: DeadLetter): string {
  return [diedAt.toISOString(), store, id, type, `trace ${traceId ?? 'unknown'}`, oneLine(reason)].join('  ');
}

function describe(letter: Omit<DeadLetterDetails, 'payload'> & { readonly payload?: unknown }): string {
  const { id, type, jobId, store, reason, receivedAt, diedAt, replays, traceId, attempts, payload } = letter;
  const lines = [
    `${id}  ${type}`,
    `job       ${jobId} in ${store}`,
    `received  ${receivedAt.toISOString()}  trace ${traceId ?? 'unknown'}`,
    ...attempts.map(
      (note) =>
        `attempt ${note.attempt}  ${new Date(note.at).toISOString()}  trace ${note.traceId ?? 'unknown'}  ${note.errorType}: ${oneLine(note.message)}`,
    ),
    `died      ${diedAt.toISOString()}  ${oneLine(reason)}`,
    `replays   ${replays}`,
    ...(payload === undefined ? [] : [`payload   ${JSON.stringify(payload)}`]),
  ];
  return `${lines.join('\n')}\n`;
}

/** Text of others on one line, without control characters. */
function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}]+/gu, ' ').slice(0, 200);
}
