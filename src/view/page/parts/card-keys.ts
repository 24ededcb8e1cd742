// j and k on pages of cards: to the next and to the one before.
import { useShortcuts } from './keyboard.js';

/** Cards are elements with `data-card` that take the focus. */
export function useCardShortcuts(): void {
  const next = () => focusCard(1);
  const before = () => focusCard(-1);
  useShortcuts({ j: next, k: before });
}

function focusCard(by: number): void {
  const cards = [...document.querySelectorAll<HTMLElement>('[data-card]')];
  const at = cards.findIndex((card) => card.contains(document.activeElement));
  const card = cards[at === -1 ? (by > 0 ? 0 : cards.length - 1) : Math.max(0, Math.min(cards.length - 1, at + by))];
  card?.focus();
  card?.scrollIntoView({ block: 'nearest' });
}
