// Where the endpoint listens: the port asked for, or what takes its place.
import { fail } from '../diagnose/diagnostics.js';
import { onEventLoopTurn } from '../node/event-loop-turn.js';
import type { RequestHandler } from './mounted-handler.js';
import { announceEndpoint, isParentEndpoint } from './parent-endpoint.js';
import { type ListeningServer, type ListenOptions, listen, metricsUrl } from './server.js';

export interface Site {
  /** `undefined` while it is not known, and when it does not listen. */
  readonly url: string | undefined;
  /** Calls back when `url` is settled: at once unless the port is to be found. */
  whenUrlKnown(callback: () => void): void;
  close(): Promise<void>;
}

export interface EndpointSettings {
  readonly host: string;
  readonly port: number;
  readonly portTaken: 'fail' | 'next';
}

/** How many ports after the one asked for are tried. */
const FURTHER_PORTS = 20;

/** Never fails: a port that is taken is one error line. */
export function openEndpoint(handler: RequestHandler, settings: EndpointSettings): Site {
  const { host, port, portTaken } = settings;
  const server = listenLater(handler, { host, port, furtherPorts: portTaken === 'next' ? FURTHER_PORTS : 0 });
  const isSettled = port !== 0 && portTaken === 'fail';
  let url = isSettled ? metricsUrl(host, port) : undefined;
  const settled = server.listening.then(
    (found) => {
      url = metricsUrl(host, found);
      announceEndpoint(found);
    },
    (error: unknown) => {
      url = undefined;
      if (!isTaken(error) || !isParentEndpoint(port)) sayNotListening(settings, error);
    },
  );
  return {
    get url() {
      return url;
    },
    whenUrlKnown: (callback) => (isSettled ? callback() : void settled.then(callback)),
    close: () => server.close(),
  };
}

/** An app that listens at the same port as it starts has it before us. */
function listenLater(handler: RequestHandler, options: ListenOptions): ListeningServer {
  let server: ListeningServer | undefined;
  let isClosed = false;
  const listening = new Promise<number>((resolve, reject) => {
    onEventLoopTurn(() => {
      if (isClosed) return;
      server = listen(handler, options);
      server.listening.then(resolve, reject);
    });
  });
  return {
    listening,
    close: async () => {
      isClosed = true;
      await server?.close();
    },
  };
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
}

export function sayNotListening({ host, port }: EndpointSettings, error: unknown): void {
  fail({
    code: 'SIETCH020',
    message: `no metrics endpoint at ${metricsUrl(host, port)}: ${error instanceof Error ? error.message : String(error)}`,
    remedy: 'set OTEL_EXPORTER_PROMETHEUS_PORT to a free port, or SIETCH_OTEL_PROMETHEUS_PORT_TAKEN=next',
  });
}
