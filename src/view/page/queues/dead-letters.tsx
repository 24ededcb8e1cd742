// The dead letters of a queue. Putting one back asks first: its work is done again.
import { useSignal } from '@preact/signals';
import { useRef, useState } from 'preact/hooks';
import type { ApiDeadLetter, DeadLettersAnswer, ReplayAnswer } from '../../api.js';
import { announce } from '../parts/announce.js';
import { ask, explain, postJson } from '../parts/api-client.js';
import { useRefresher } from '../parts/refresh.js';
import { lineText } from '../parts/text.js';

export function DeadLetters({ queue }: { readonly queue: string }) {
  const letters = useSignal<readonly ApiDeadLetter[] | undefined>(undefined);
  const failure = useSignal('');
  const [asked, setAsked] = useState<ApiDeadLetter | undefined>();
  const dialog = useRef<HTMLDialogElement>(null);
  const address = `/api/queues/${encodeURIComponent(queue)}/dead-letters`;
  const refresher = useRefresher(
    (signal) =>
      ask<DeadLettersAnswer>(address, signal, failure, ({ deadLetters }) => {
        letters.value = deadLetters;
      }),
    address,
  );
  const replay = async ({ id }: ApiDeadLetter): Promise<void> => {
    try {
      const { replayed } = await postJson<ReplayAnswer>(`${address}/${encodeURIComponent(id)}/replay`, '{}');
      announce(`${lineText(replayed)} is back in the queue`);
    } catch (error) {
      announce(`Not put back: ${explain(error)}`);
    }
    refresher.restart();
  };
  if (failure.value !== '') return <p class="dim">{failure.value}</p>;
  if (letters.value === undefined) return null;
  if (letters.value.length === 0) return <p class="dim">There are none.</p>;
  return (
    <>
      <Letters
        letters={letters.value}
        onReplay={(letter) => {
          setAsked(letter);
          dialog.current?.showModal();
        }}
      />
      <dialog
        ref={dialog}
        aria-label="Replay a dead letter"
        onClose={() => {
          if (asked !== undefined && dialog.current?.returnValue === 'replay') void replay(asked);
          setAsked(undefined);
        }}
      >
        <h2>Put {lineText(asked?.id ?? '')} back into the queue?</h2>
        <p>
          It is processed again from the beginning, by the workers of {lineText(queue)}: {lineText(asked?.type ?? '')}, which failed with{' '}
          {lineText(asked?.reason ?? '')}.
        </p>
        <form method="dialog">
          <button type="submit" value="" autofocus>
            Leave it
          </button>
          <button type="submit" value="replay" class="danger">
            Replay
          </button>
        </form>
      </dialog>
    </>
  );
}

function Letters({
  letters,
  onReplay,
}: {
  readonly letters: readonly ApiDeadLetter[];
  readonly onReplay: (letter: ApiDeadLetter) => void;
}) {
  return (
    <table class="facts-table" aria-label="Dead letters">
      <thead>
        <tr>
          <th scope="col">Id</th>
          <th scope="col">Type</th>
          <th scope="col">Reason</th>
          <th scope="col">Died</th>
          <th scope="col" class="number">
            Replays
          </th>
          <th scope="col">Trace</th>
          <th scope="col">
            <span class="hidden">Action</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {letters.map((letter) => (
          <tr key={`${letter.store} ${letter.id}`}>
            <td class="mono">{lineText(letter.id)}</td>
            <td>{lineText(letter.type)}</td>
            <td>{lineText(letter.reason)}</td>
            <td>{lineText(letter.diedAt)}</td>
            <td class="number">{letter.replays}</td>
            <td>
              {letter.traceId === undefined ? null : (
                <a class="mono" href={`/traces/${encodeURIComponent(letter.traceId)}`}>
                  {lineText(letter.traceId).slice(0, 8)}
                </a>
              )}
            </td>
            <td>
              <button type="button" aria-label={`Replay ${lineText(letter.id)}`} onClick={() => onReplay(letter)}>
                Replay …
              </button>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
