// The paper of text output: its columns, whether it takes colours and box characters, and the one
// palette of all commands. Pipes and NO_COLOR (https://no-color.org) are minded here.

export interface Paper {
  /** Columns that a line may have. */
  readonly width: number;
  /** Colour by ANSI escape codes. */
  readonly colors: boolean;
  /** Lines and blocks of Unicode; else ASCII stands for them. */
  readonly boxes: boolean;
}

/** `alarm` is what somebody should look at. */
export type Style = keyof typeof PALETTE;

const PALETTE = { bold: '1', dim: '2', alarm: '31', note: '36' } as const;
/** The width for a pipe or a file, which have none. */
const PIPED_WIDTH = 120;
const ASCII: Readonly<Record<string, string>> = { '│': '|', '├': '|', '└': '`', '─': '-', '█': '#', '✗': 'x', '⤷': '->' };

/**
 * The paper of a stream. Who asks for colours in a pipe has a terminal at its end (`| less -R`).
 * @param asked `--color` or `--no-color`; undefined without either
 */
export function paperOf(stream: { readonly isTTY?: boolean; readonly columns?: number }, asked?: boolean): Paper {
  const isTerminal = stream.isTTY === true;
  return {
    width: stream.columns ?? PIPED_WIDTH,
    colors: asked ?? (isTerminal && (process.env['NO_COLOR'] ?? '') === ''),
    boxes: isTerminal || asked === true,
  };
}

export function paint(text: string, style: Style, { colors }: Pick<Paper, 'colors'>): string {
  return colors && text.trim() !== '' ? `\x1b[${PALETTE[style]}m${text}\x1b[0m` : text;
}

/** Our own lines and marks as this paper takes them; never given what a sender wrote. */
export function drawn(marks: string, { boxes }: Pick<Paper, 'boxes'>): string {
  return boxes ? marks : [...marks].map((mark) => ASCII[mark] ?? mark).join('');
}
