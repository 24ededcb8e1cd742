// Fields of the search forms.
import { useEffect, useRef } from 'preact/hooks';
import { lineText } from './text.js';

/** How long typing must rest before it is a search. */
const TYPING_MS = 180;

interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** The field that `/` leads to. What is typed stays when an answer comes: the value is read only while nobody types. */
export function SearchField({ label, value, onChange, placeholder }: FieldProps & { readonly placeholder: string }) {
  const input = useRef<HTMLInputElement>(null);
  const timer = useRef(0);
  useEffect(() => {
    if (input.current !== null && document.activeElement !== input.current) input.current.value = value;
  }, [value]);
  useEffect(() => () => window.clearTimeout(timer.current), []);
  const change = (text: string, delay: number): void => {
    window.clearTimeout(timer.current);
    timer.current = window.setTimeout(() => onChange(text), delay);
  };
  return (
    <input
      type="search"
      class="search"
      data-search=""
      ref={input}
      aria-label={label}
      aria-keyshortcuts="/"
      placeholder={placeholder}
      defaultValue={value}
      maxLength={500}
      spellcheck={false}
      autocomplete="off"
      onInput={({ currentTarget }) => change(currentTarget.value, TYPING_MS)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') change(event.currentTarget.value, 0);
        if (event.key === 'Escape') event.currentTarget.blur();
      }}
    />
  );
}

/** A choice from what there is; none of it is `all`. A value that is not there any more stays chosen. */
export function Choice({
  label,
  all,
  value,
  options,
  onChange,
}: FieldProps & { readonly all: string; readonly options: readonly string[] }) {
  const listed = value === '' || options.includes(value) ? options : [value, ...options];
  if (listed.length === 0) return null;
  return (
    <select
      aria-label={label}
      value={value}
      class={value === '' ? '' : 'chosen'}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
    >
      <option value="">{all}</option>
      {listed.map((option) => (
        <option key={option} value={option}>
          {lineText(option)}
        </option>
      ))}
    </select>
  );
}
