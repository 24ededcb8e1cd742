// A button that copies a text.
import { announce } from './announce.js';

export function CopyButton({ text, what }: { readonly text: string; readonly what: string }) {
  const copy = (): void => {
    navigator.clipboard?.writeText(text).then(
      () => announce(`Copied ${what}`),
      () => announce('The browser does not allow to copy'),
    );
  };
  return (
    <button type="button" class="icon copy" aria-label={`Copy ${what}`} title={`Copy ${what}`} onClick={copy}>
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path d="M5.5 5.5h7v8h-7zM3.5 10.500v-8h7" />
      </svg>
    </button>
  );
}
