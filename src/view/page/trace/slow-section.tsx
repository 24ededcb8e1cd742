// A slow statement in the details of its span: how long, the text, the plan, and who held it up.
import { CopyButton } from '../parts/copy-button.js';
import { blockText, durationText, lineText } from '../parts/text.js';
import type { Blocker, SlowStatement } from './slow-statement.js';

/** Characters of a text or a plan. */
const MAX_TEXT = 20_000;

export function SlowSection({ slow }: { readonly slow: SlowStatement }) {
  return (
    <section class="slow" aria-label="Slow statement">
      <h3>
        Slow statement
        {slow.milliseconds === undefined ? '' : ` · ${durationText(slow.milliseconds * 1e6)}`}
        {slow.rows === '' ? '' : ` · ${lineText(slow.rows)} ${slow.rows === '1' ? 'row' : 'rows'}`}
      </h3>
      {slow.text === '' ? null : <Code text={slow.text} what="the statement" />}
      {slow.waitEvent === '' ? null : <p>Waited for {lineText(slow.waitEvent)}</p>}
      {slow.blocker === undefined ? null : <BlockedBy blocker={slow.blocker} />}
      {slow.plan === '' ? null : (
        <>
          <h4>Plan</h4>
          <Code text={slow.plan} what="the plan" />
        </>
      )}
      {slow.stack === '' ? null : (
        <>
          <h4>Caller</h4>
          <Code text={slow.stack} what="the stack" />
        </>
      )}
    </section>
  );
}

function BlockedBy({ blocker: { pid, traceId, state, milliseconds, query } }: { readonly blocker: Blocker }) {
  return (
    <div class="blocker">
      <h4>
        Blocked by session {lineText(pid)}
        {state === '' ? '' : `, ${lineText(state)}`}
        {milliseconds === undefined ? '' : `, its transaction open for ${durationText(milliseconds * 1e6)}`}
      </h4>
      {traceId === '' ? null : (
        <p>
          Trace{' '}
          <a class="mono" href={`/traces/${traceId}`}>
            {lineText(traceId)}
          </a>
        </p>
      )}
      {query === '' ? null : <Code text={query} what="the blocking statement" />}
    </div>
  );
}

export function Code({ text, what }: { readonly text: string; readonly what: string }) {
  return (
    <div class="code">
      <pre>{blockText(text.slice(0, MAX_TEXT))}</pre>
      <CopyButton text={text} what={what} />
    </div>
  );
}
