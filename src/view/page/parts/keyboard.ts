// Keyboard shortcuts: one listener for the page, and the list of them that the help shows.
import { useEffect, useRef } from 'preact/hooks';

/** By `event.key`; two keys after one another are `g t`. True means: not taken, go on. */
export type Shortcuts = Readonly<Record<string, (event: KeyboardEvent) => unknown>>;

/** The last one that was added is asked first. */
const layers: { shortcuts: Shortcuts }[] = [];
/** How long the first of two keys waits for the second. */
const SEQUENCE_MS = 1_200;
let before = { key: '', at: 0 };

export function listenForKeys(): void {
  document.addEventListener('keydown', onKey);
}

/** Shortcuts while the component is shown. */
export function useShortcuts(shortcuts: Shortcuts): void {
  const layer = useRef({ shortcuts });
  layer.current.shortcuts = shortcuts;
  useEffect(() => {
    const mine = layer.current;
    layers.push(mine);
    return () => {
      layers.splice(layers.indexOf(mine), 1);
    };
  }, []);
}

function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  // A dialog has keys of its own.
  if (document.querySelector('dialog[open]') !== null) return;
  if (isTyping(event.target) && event.key !== 'Escape') return;
  const sequence = event.timeStamp - before.at < SEQUENCE_MS ? `${before.key} ${event.key}` : '';
  before = { key: event.key, at: event.timeStamp };
  for (const name of [sequence, event.key]) {
    if (name !== '' && take(name, event)) {
      before = { key: name === sequence ? '' : event.key, at: event.timeStamp };
      return;
    }
  }
}

function take(name: string, event: KeyboardEvent): boolean {
  for (let index = layers.length - 1; index >= 0; index--) {
    const shortcut = layers[index]?.shortcuts[name];
    if (shortcut === undefined || shortcut(event) === true) continue;
    event.preventDefault();
    return true;
  }
  return false;
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return target.type !== 'checkbox' && target.type !== 'radio';
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || target.isContentEditable;
}

/** Moves the focus to the search field, or out of it. */
export function focusSearch(): void {
  const field = document.querySelector<HTMLInputElement>('[data-search]');
  field?.focus();
  field?.select();
}
