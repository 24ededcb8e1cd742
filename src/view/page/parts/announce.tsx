// One line for screen readers, and for a moment in sight: what an action has done.
import { signal } from '@preact/signals';

const SHOWN_MS = 4_000;
const message = signal('');
let timer: number | undefined;

export function announce(text: string): void {
  message.value = text;
  window.clearTimeout(timer);
  timer = window.setTimeout(() => {
    message.value = '';
  }, SHOWN_MS);
}

export function Announcement() {
  return (
    <div class={message.value === '' ? 'toast' : 'toast shown'} role="status">
      {message.value}
    </div>
  );
}
