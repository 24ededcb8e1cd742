// One figure of a card: its name, and its text.
import { lineText } from './text.js';

/** A job or request that is older deserves a look, as in `sietch-otel now`. */
export const OLD_SECONDS = 30;

interface FigureProps {
  readonly name: string;
  readonly text: string;
  readonly isAlarming?: boolean;
}

export function Figure({ name, text, isAlarming = false }: FigureProps) {
  return (
    <div class={isAlarming ? 'error' : ''}>
      <dt>{lineText(name)}</dt>
      <dd>{text}</dd>
    </div>
  );
}
