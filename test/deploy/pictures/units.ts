// Values as Grafana writes them in the units that our panels have.

const SECONDS: readonly (readonly [least: number, by: number, name: string])[] = [
  [86_400, 86_400, 'days'],
  [3_600, 3_600, 'hours'],
  [60, 60, 'min'],
  [1, 1, 's'],
  [1e-3, 1e-3, 'ms'],
  [0, 1e-6, 'µs'],
];
const BYTES = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

export function formatValue(value: number, unit: string): string {
  if (unit === 's') {
    const [, by, name] = SECONDS.find(([least]) => Math.abs(value) >= least) ?? [0, 1, 's'];
    return value === 0 ? '0 s' : `${short(value / by)} ${name}`;
  }
  if (unit === 'percentunit') return `${short(value * 100)}%`;
  if (unit === 'bytes') {
    const power = value === 0 ? 0 : Math.min(BYTES.length - 1, Math.floor(Math.log2(Math.abs(value)) / 10));
    return `${short(value / 1024 ** power)} ${BYTES[power]}`;
  }
  if (unit === 'reqps') return `${short(value)} req/s`;
  return unit === 'ops' ? `${short(value)} ops/s` : short(value);
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/** Round numbers from 0 on to at least `most`. */
export function ticks(most: number): readonly number[] {
  const rough = most / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((each) => each * power).find((each) => each >= rough) ?? rough;
  return Array.from({ length: Math.ceil(most / step - 1e-9) + 1 }, (_, index) => Number((index * step).toPrecision(6)));
}
