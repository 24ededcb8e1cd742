// The keyboard shortcuts, in a dialog.

const SHORTCUTS: readonly (readonly [title: string, keys: readonly (readonly [key: string, does: string])[]])[] = [
  [
    'Everywhere',
    [
      ['g t, g l, g m, g q, g n', 'Traces, Logs, Metrics, Queues, Now'],
      ['/', 'search'],
      ['j k or ↓ ↑', 'next and previous row'],
      ['Home End', 'first and last row'],
      ['Enter', 'open the row'],
      ['Escape', 'close, clear the search, go back'],
      ['t', 'colours: as the system, light, dark'],
      ['?', 'this help'],
    ],
  ],
  [
    'Trace',
    [
      ['h l or ← →', 'fold and unfold'],
      ['z', 'fold or unfold all'],
      ['e', 'next failed span or error record'],
      ['+ - 0', 'zoom in, out, show all'],
      ['< >', 'earlier and later, when zoomed in'],
      ['o', 'log records'],
      ['c', 'critical path'],
    ],
  ],
];

export function openHelp(): void {
  document.querySelector<HTMLDialogElement>('dialog.help')?.showModal();
}

export function Help() {
  return (
    <dialog class="help" aria-label="Keyboard shortcuts">
      <h2>Keyboard</h2>
      {SHORTCUTS.map(([title, keys]) => (
        <section key={title}>
          <h3>{title}</h3>
          <dl>
            {keys.map(([key, does]) => (
              <div key={key}>
                <dt>
                  <kbd>{key}</kbd>
                </dt>
                <dd>{does}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
      <p class="dim">A trace in a file, as this page or Jaeger exports it, is opened by dropping it on the page.</p>
      <form method="dialog">
        <button type="submit">Close</button>
      </form>
    </dialog>
  );
}
