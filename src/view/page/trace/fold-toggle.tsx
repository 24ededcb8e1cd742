// The beginning of a row: its indent, and what folds and unfolds it.
import { count } from '../../format.js';
import { MAX_INDENTED } from './rows.js';

export interface Fold {
  readonly depth: number;
  readonly isFolded: boolean;
  /** Rows directly below, or all of them where it is folded. */
  readonly below: number;
  readonly onFold: () => void;
}

export function Indent({ depth }: { readonly depth: number }) {
  return <span class="indent" style={{ width: `calc(${Math.min(depth, MAX_INDENTED)} * var(--indent))` }} />;
}

/** By mouse; h and l are the keys. */
export function FoldToggle({ fold: { depth, isFolded, below, onFold } }: { readonly fold: Fold }) {
  return (
    <>
      <Indent depth={depth} />
      {below > 0 ? (
        <button
          type="button"
          class={isFolded ? 'fold folded' : 'fold'}
          tabIndex={-1}
          aria-label={isFolded ? `Unfold ${count(below, 'row')}` : 'Fold'}
          onClick={(event) => {
            event.stopPropagation();
            onFold();
          }}
        >
          {isFolded ? below : ''}
        </button>
      ) : (
        <span class="fold none" />
      )}
    </>
  );
}
