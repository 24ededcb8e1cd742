// Opens the metrics endpoint at the configured port, or at the next free one.
import { fail } from '../diagnose/diagnostics.js';
import { whenAppStays } from '../node/app-stays.js';
import type { RequestHandler } from './mounted-handler.js';
import { announceEndpoint, isParentEndpoint } from './parent-endpoint.js';
import { isPortTaken, type ListeningServer, type ListenOptions, listen, metricsUrl } from './server.js';

export interface Endpoint {
  /** `undefined` while it is not known, and when it does not listen. */
  readonly url: string | undefined;
  /** Calls back when `url` is final: at once unless the port has to be found. */
  whenUrlKnown(callback: () => void): void;
  close(): Promise<void>;
}

export interface EndpointSettings {
  readonly host: string;
  readonly port: number;
  readonly portTaken: 'fail' | 'next';
}

/** Ports that are tried after the configured one. */
const FURTHER_PORTS = 20;

/** Never throws: a port that is taken is one error line. */
export function openEndpoint(handler: RequestHandler, settings: EndpointSettings): Endpoint {
  const { host, port, portTaken } = settings;
  const server = listenLater(handler, { host, port, furtherPorts: portTaken === 'next' ? FURTHER_PORTS : 0 });
  const isUrlKnown = port !== 0 && portTaken === 'fail';
  let url = isUrlKnown ? metricsUrl(host, port) : undefined;
  const opened = server.listening.then(
    (found) => {
      url = metricsUrl(host, found);
      announceEndpoint(found);
    },
    (error: unknown) => {
      url = undefined;
      if (!isPortTaken(error) || !isParentEndpoint(port)) reportNotListening(settings, error);
    },
  );
  return {
    get url() {
      return url;
    },
    whenUrlKnown: (callback) => (isUrlKnown ? callback() : void opened.then(callback)),
    close: () => server.close(),
  };
}

/**
 * Listens when the process is one that stays; an app that listens on the same port as it starts
 * gets it first.
 */
function listenLater(handler: RequestHandler, options: ListenOptions): ListeningServer {
  let server: ListeningServer | undefined;
  let isClosed = false;
  const listening = new Promise<number>((resolve, reject) => {
    whenAppStays(() => {
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

export function reportNotListening({ host, port }: EndpointSettings, error: unknown): void {
  fail('SIETCH020', `${metricsUrl(host, port)}: ${error instanceof Error ? error.message : String(error)}`);
}
