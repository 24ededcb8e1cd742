// Takes a CPU profile of this process by V8's own profiler: no port is opened, and the inspector is
// loaded when somebody asks for the first time.
import type { Profiler, Session } from 'node:inspector';
import { RefusedQuestion } from './call.js';
import { RouteTime } from './route-time.js';

const SAMPLING_INTERVAL_US = 1_000;
const MAX_FUNCTION_NAME = 200;
/** Code that is imported from a `data:` URL is its own name. */
const DATA_URL = /^data:/i;

export interface TakenProfile {
  readonly profile: Profiler.Profile;
  /** Milliseconds by route or queue. */
  readonly routes: ReadonlyMap<string, number>;
}

let isTaken = false;

/**
 * Profiles for so long, or until `ended` is aborted, when there is nothing to give.
 * @throws {RefusedQuestion} when there is no profiler, or it is in use
 */
export async function takeCpuProfile(milliseconds: number, ended: AbortSignal): Promise<TakenProfile | undefined> {
  if (isTaken) throw new RefusedQuestion('another profile of this process is being taken');
  const session = openSession();
  isTaken = true;
  const routeTime = new RouteTime();
  try {
    await post(session, 'Profiler.enable');
    await post(session, 'Profiler.setSamplingInterval', { interval: SAMPLING_INTERVAL_US });
    await post(session, 'Profiler.start');
    routeTime.start();
    await elapsed(milliseconds, ended);
    const routes = routeTime.stop();
    return ended.aborted ? undefined : { profile: await stopProfile(session), routes };
  } finally {
    routeTime.stop();
    await post(session, 'Profiler.disable').catch(() => {});
    // While a session is open, V8 keeps what is given to `console` for it, and goes on doing so.
    await post(session, 'Runtime.discardConsoleEntries').catch(() => {});
    session.disconnect();
    isTaken = false;
  }
}

function openSession(): Session {
  try {
    const { Session: InspectorSession }: typeof import('node:inspector') = require('node:inspector');
    const session = new InspectorSession();
    session.connect();
    return session;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    throw new RefusedQuestion(
      WHY_NO_SESSION[code] ?? `the inspector of Node.js ${process.version} cannot be used here${code && ` (${code})`}`,
    );
  }
}

const WHY_NO_SESSION: Readonly<Record<string, string>> = {
  ERR_INSPECTOR_NOT_AVAILABLE: `this Node.js (${process.version}) was built without the inspector, which takes the profile`,
  ERR_ACCESS_DENIED: 'this process runs with --permission, under which Node.js gives nobody the inspector',
};

function post(session: Session, method: string, parameters?: object): Promise<unknown> {
  return new Promise((resolve, reject) => {
    session.post(method, parameters, (error, result) => (error === null ? resolve(result) : reject(error)));
  });
}

function stopProfile(session: Session): Promise<Profiler.Profile> {
  return new Promise((resolve, reject) => {
    session.post('Profiler.stop', (error, result) => {
      if (error !== null) return reject(error);
      const { profile } = result;
      for (const { callFrame } of profile.nodes) {
        callFrame.functionName = callFrame.functionName.slice(0, MAX_FUNCTION_NAME);
        callFrame.url = withoutValues(callFrame.url);
      }
      resolve(profile);
    });
  });
}

/** The file of a function; what is imported as `./file.js?key=value` has its values in the URL. */
function withoutValues(url: string): string {
  if (DATA_URL.test(url)) return 'data:';
  const end = /^\w+:\/\//.test(url) ? url.search(/[?#]/) : -1;
  return end === -1 ? url : url.slice(0, end);
}

/** Keeps the process alive no longer than it stays itself. */
function elapsed(milliseconds: number, ended: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(end, milliseconds).unref();
    function end(): void {
      clearTimeout(timer);
      ended.removeEventListener('abort', end);
      resolve();
    }
    ended.addEventListener('abort', end);
    if (ended.aborted) end();
  });
}
