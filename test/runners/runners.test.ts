// Under a runner the app ends, and is started again, as it does bare. runner-table.ts tries all ways and more runners.
import { expect, test } from 'vitest';
import { type Ended, type RunOptions, runUnder } from './run.ts';
import { OWN_RUNNERS, type Runner } from './runners.ts';

type Way = Pick<RunOptions, 'observed' | 'act' | 'drains' | 'env'>;

const SIGNAL: Way = { observed: 'env', act: 'SIGTERM' };
/** Whether SIGTERM and SIGINT are watched is one question, whether the app's listeners are seen as they are another. */
const SIGNALS_OFF = { SIETCH_OTEL_SIGNALS: 'off' };

const CASES: Readonly<Record<string, readonly Way[]>> = {
  'tsx app.ts (CommonJS)': [
    { ...SIGNAL, observed: 'flag' },
    { ...SIGNAL, drains: true },
    { ...SIGNAL, env: SIGNALS_OFF },
    { ...SIGNAL, act: 'SIGINT', observed: 'flag' },
  ],
  'tsx app.mts (ES module)': [SIGNAL, { ...SIGNAL, observed: 'flag', drains: true }],
  'tsx watch app.ts': [SIGNAL, { ...SIGNAL, act: 'restart', drains: true }],
  'node --watch app.cjs': [SIGNAL, { ...SIGNAL, act: 'SIGINT' }, { ...SIGNAL, act: 'restart', observed: 'flag' }],
  'npm start': [SIGNAL, { ...SIGNAL, drains: true }, { ...SIGNAL, act: 'SIGINT' }],
  vitest: [{ ...SIGNAL, act: 'SIGINT' }],
  'vitest, a passing test': [{ ...SIGNAL, act: 'nothing' }],
  'vitest, a failing test': [{ ...SIGNAL, act: 'nothing' }],
};

const cases = OWN_RUNNERS.flatMap((runner) => (CASES[runner.name] ?? []).map((way) => [nameOf(runner, way), runner, way] as const));

function nameOf({ name }: Runner, { observed, act, drains, env }: Way): string {
  const words = [act, ...(drains === true ? ['the app drains'] : []), ...(observed === 'flag' ? ['preload by flag'] : [])];
  return [name, ...words, ...Object.entries(env ?? {}).map((pair) => pair.join('='))].join(', ');
}

const comparable = ({ status, told, isLeft }: Ended) => ({ status, told, isLeft });

test.concurrent.for(cases)('%s: as bare', { timeout: 180_000 }, async ([, runner, way]) => {
  const bare = await runUnder(runner, { ...way, observed: 'no' });
  const observed = await runUnder(runner, way);
  expect(comparable(observed), observed.output).toEqual(comparable(bare));
});
