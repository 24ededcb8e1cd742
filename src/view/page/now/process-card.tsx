// One process: what it is, how it does, and what it waits for.
import type { ApiProcess } from '../../api.js';
import { Figure, OLD_SECONDS } from '../parts/figure.js';
import { bytesText, lineText, numberText, secondsText } from '../parts/text.js';
import { LiveTable } from './live-table.js';

type State = Extract<ApiProcess, { readonly state: unknown }>['state'];

/** What deserves a look, as in `sietch-otel now`. */
const SLOW_LOOP_SECONDS = 0.1;
const FULL_HEAP = 0.85;

export function ProcessCard({ state }: { readonly state: State }) {
  const { pid, service, uptime, node, distribution, counts, requests, jobs, pools, redis, breakers, unobserved, diagnostics } = state;
  const name = lineText(service.name);
  return (
    <section class="card process" data-card="" tabIndex={-1} aria-label={`${name}, process ${pid}`}>
      <h2>
        {name}{' '}
        <span class="dim">
          {[service.version, `pid ${pid}`, `up ${secondsText(uptime)}`, `Node.js ${node}`, `@sietch/otel ${distribution}`]
            .filter(Boolean)
            .join(' · ')}
        </span>
      </h2>
      <Figures state={state} />
      <LiveTable
        title="Open requests"
        count={counts.requests}
        heads={['Age', 'Request', 'Waits for', 'Trace']}
        rows={requests.map(({ age, method, route, waitsFor, traceId }) => [
          old(age),
          `${method} ${route ?? '(no route yet)'}`,
          waitsFor,
          trace(traceId),
        ])}
      />
      <LiveTable
        title="Active jobs"
        count={counts.jobs}
        heads={['Age', 'Job', 'Attempt', 'Step', 'Waits for', 'Trace']}
        rows={jobs.map(({ age, queue, id, attempt, step, waitsFor, traceId }) => [
          old(age),
          `${queue} ${id}`,
          String(attempt),
          step ?? '',
          waitsFor,
          trace(traceId),
        ])}
      />
      {pools.map((pool) => (
        <LiveTable
          key={pool.name}
          title={`Pool ${pool.name}: ${pool.size - pool.idle} of ${pool.max ?? 'any number'} in use, ${pool.waiting} waiting`}
          count={pool.clients.length}
          isAlways
          heads={['Held', 'By', 'Statement', 'For', 'Trace']}
          rows={pool.clients.map(({ heldFor, holder, statement, statementAge, idleInTransactionFor, traceId }) => [
            old(heldFor),
            holder ?? '',
            statement ?? (idleInTransactionFor === undefined ? '' : `idle in transaction ${secondsText(idleInTransactionFor)}`),
            statementAge === undefined ? '' : secondsText(statementAge),
            trace(traceId),
          ])}
        />
      ))}
      <LiveTable
        title="Redis"
        count={counts.redis}
        heads={['Address', 'Status', 'In flight', 'Oldest command']}
        rows={redis.map(({ address, status, inFlight, oldestCommand, oldestAge }) => [
          address,
          status,
          String(inFlight),
          oldestCommand === undefined ? '' : `${oldestCommand}${oldestAge === undefined ? '' : ` ${secondsText(oldestAge)}`}`,
        ])}
      />
      <LiveTable
        title="Circuit breakers"
        count={counts.breakers}
        heads={['Name', 'State', 'Next probe']}
        rows={breakers.map((breaker) => [
          breaker.name,
          { text: breaker.state, isAlarming: breaker.state !== 'closed' },
          breaker.nextProbeIn === undefined ? '' : `in ${secondsText(breaker.nextProbeIn)}`,
        ])}
      />
      <Lines title="Libraries that nothing observes" lines={unobserved} />
      <Lines title="Its last lines on stderr" lines={diagnostics} />
    </section>
  );
}

function Figures({ state: { eventLoop, memory, exports, recorder } }: { readonly state: State }) {
  return (
    <dl class="numbers">
      <Figure name="loop delay" text={secondsText(eventLoop.delay)} isAlarming={eventLoop.delay > SLOW_LOOP_SECONDS} />
      {eventLoop.longestBlock === undefined ? null : (
        <Figure name="longest block" text={secondsText(eventLoop.longestBlock)} isAlarming={eventLoop.longestBlock > SLOW_LOOP_SECONDS} />
      )}
      <Figure name="loop busy" text={`${Math.round(eventLoop.utilization * 100)} %`} />
      <Figure name="rss" text={bytesText(memory.rss)} />
      <Figure name="heap" text={bytesText(memory.heapUsed)} isAlarming={memory.heapUsed > memory.heapLimit * FULL_HEAP} />
      {exports.map(({ what, sent, made, dropped, failures }) => {
        const lost = Object.values(dropped).reduce((sum, count) => sum + count, 0);
        const text = `${numberText(sent)} of ${numberText(made)} sent${lost > 0 ? `, ${numberText(lost)} dropped` : ''}${failures > 0 ? `, ${failures} failed` : ''}`;
        return <Figure key={what} name={what} text={text} isAlarming={lost > 0} />;
      })}
      {recorder === undefined ? null : (
        <Figure name="recorder" text={`${numberText(recorder.waiting)} traces, ${bytesText(recorder.bytes)}`} />
      )}
    </dl>
  );
}

function Lines({ title, lines }: { readonly title: string; readonly lines: readonly string[] }) {
  if (lines.length === 0) return null;
  return (
    <>
      <h3>{title}</h3>
      <ul class="lines">
        {lines.map((line) => (
          <li key={line}>{lineText(line)}</li>
        ))}
      </ul>
    </>
  );
}

function old(seconds: number) {
  return { text: secondsText(seconds), isAlarming: seconds > OLD_SECONDS };
}

function trace(id: string | undefined) {
  return id === undefined ? '' : { text: id.slice(0, 8), href: `/traces/${encodeURIComponent(id)}` };
}
