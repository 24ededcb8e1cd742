// Attributes as a table: readable values, each with what copies it and what searches for it.
import { useState } from 'preact/hooks';
import { valueText } from '../../format.js';
import type { Attributes } from '../../telemetry.js';
import { CopyButton } from './copy-button.js';
import { blockText, isTraceId, lineText } from './text.js';

/** Characters of a value shown at first, and rows of a table. */
const SHOWN = 1_500;
const MAX_ROWS = 300;
/** A longer value is not searched for. */
const MAX_SEARCHED = 120;

export interface AttributeTableProps {
  readonly label: string;
  readonly attributes: Attributes;
  /** Whether its values can be searched for in the list of traces. */
  readonly isSearchable?: boolean;
}

export function AttributeTable({ label, attributes, isSearchable = false }: AttributeTableProps) {
  const entries = Object.entries(attributes);
  if (entries.length === 0) return null;
  return (
    <>
      <table class="attributes" aria-label={label}>
        <tbody>
          {entries.slice(0, MAX_ROWS).map(([name, value]) => (
            <AttributeRow key={name} name={name} text={valueText(value)} isSearchable={isSearchable} />
          ))}
        </tbody>
      </table>
      {entries.length > MAX_ROWS ? <p class="dim">{entries.length - MAX_ROWS} more are in the exported trace.</p> : null}
    </>
  );
}

function AttributeRow({ name, text, isSearchable }: { readonly name: string; readonly text: string; readonly isSearchable: boolean }) {
  const line = lineText(name);
  return (
    <tr>
      <th scope="row" title={line}>
        {line}
      </th>
      <td>
        <LongText text={text} />
      </td>
      <td class="actions">
        {isSearchable && text.length <= MAX_SEARCHED && !text.includes('"') ? (
          <a class="icon" href={searchAddress(name, text)} title="Search traces with this">
            <span class="hidden">{`Search traces with ${line} ${lineText(text)}`}</span>
            <svg viewBox="0 0 16 16" aria-hidden="true">
              <path d="M7 2.500a4.500 4.500 0 1 1 0 9a4.500 4.500 0 0 1 0-9M10.500 10.500l3.500 3.500" />
            </svg>
          </a>
        ) : null}
        <CopyButton text={text} what={line} />
      </td>
    </tr>
  );
}

/** A value as text: a trace id leads to its trace, a long one is cut until it is asked for. */
export function LongText({ text }: { readonly text: string }) {
  const [isWhole, setWhole] = useState(false);
  if (isTraceId(text)) {
    return (
      <a class="mono" href={`/traces/${text}`}>
        {text}
      </a>
    );
  }
  const shown = isWhole ? text : text.slice(0, SHOWN);
  return (
    <>
      <span class="value">{blockText(shown)}</span>
      {shown.length < text.length ? (
        <button type="button" class="more" onClick={() => setWhole(true)}>
          … show all {text.length} characters
        </button>
      ) : null}
    </>
  );
}

function searchAddress(name: string, text: string): string {
  return `/traces?${new URLSearchParams({ q: `${name}=${/\s/.test(text) ? `"${text}"` : text}` })}`;
}
