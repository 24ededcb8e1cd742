// Finds the values that test/app/canary puts everywhere, in any form in which they might travel: as text, in base64, in hex, as numbers.

const CARD = '4111111111111111';
const WORD = 'kanarie';

const patterns: readonly RegExp[] = [
  new RegExp(`${WORD}[-_.@a-z]*`, 'gi'),
  /4111[-_ .]?1111[-_ .]?1111[-_ .]?1111/g,
  ...[WORD, CARD].flatMap((text) => base64Forms(text).map((form) => new RegExp(literal(form), 'g'))),
  ...[WORD, CARD].map((text) => new RegExp(Buffer.from(text).toString('hex'), 'gi')),
  ...numberForms(Number(CARD)).map((bytes) => new RegExp(literal(bytes.toString('latin1')), 'g')),
];

/** What was found, each with what stands around it; empty when nothing was. */
export function findLeaks(text: string): string[] {
  const found = new Map<string, string>();
  for (const pattern of patterns) {
    for (const match of text.matchAll(pattern)) {
      if (!found.has(match[0])) found.set(match[0], text.slice(Math.max(0, match.index - 120), match.index + 80));
    }
  }
  return [...found].map(([value, around]) => `${value} in …${around.replaceAll(/[^\x20-\x7e]+/g, '·')}…`);
}

/** What any base64 text that holds `text` must hold, for each of the three ways in which it can begin. */
function base64Forms(text: string): string[] {
  return [0, 1, 2].map((before) => {
    const encoded = Buffer.from('x'.repeat(before) + text)
      .toString('base64')
      .replaceAll('=', '');
    // The first and last characters hold bits of the neighbours.
    return encoded.slice(before === 0 ? 0 : before + 1, -1);
  });
}

/** As a double and as a varint, as protobuf writes numbers. */
function numberForms(value: number): Buffer[] {
  const double = Buffer.alloc(8);
  double.writeDoubleLE(value);
  const varint: number[] = [];
  for (let rest = BigInt(value); rest > 0n; rest >>= 7n) varint.push(Number(rest & 127n) | (rest > 127n ? 128 : 0));
  return [double, Buffer.from(varint)];
}

function literal(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

/** The lines that are ours: what node prints of an uncaught error, and the app's own lines, are not. */
export function ownLines(output: string): string {
  return output
    .split('\n')
    .filter((line) => line.startsWith('[sietch-otel]') || line.includes('"name":"sietch-otel"'))
    .join('\n');
}
