// Compiled by `tsc -p test`, never run: what fits ILogger and what does not compile.
import { type Logger, pino } from 'pino';
import type { ILogger } from '../../src/index.ts';
import { ConsoleLogger, createLogger, type LogMethod } from '../../src/logging/library.ts';

// What can be handed to code that wants an ILogger.
const fromPino: ILogger = pino();
const fromCustomLevels: ILogger = pino<'audit'>({ customLevels: { audit: 35 } });
const fromChild: ILogger = pino().child({ part: 'webhooks' });
const fromCreateLogger: ILogger = createLogger({ name: 'app' });
const fromConsoleLogger: ILogger = new ConsoleLogger({ console, level: 'debug', bindings: { part: 'webhooks' } });
const fromConsole: ILogger = console;
export const all: readonly ILogger[] = [fromPino, fromCustomLevels, fromChild, fromCreateLogger, fromConsoleLogger, fromConsole];

// createLogger() gives all of pino.
export const whole: Logger = createLogger();

export function uses(logger: ILogger, method: LogMethod): void {
  logger.info({ orderId: 7 }, 'paid');
  logger.info({ orderId: 7 });
  logger.info('paid');
  logger.error({ err: new Error('refused') }, 'payment failed');
  logger.child?.({ part: 'webhooks' }).warn('late');
  method({ orderId: 7 }, 'paid');

  // @ts-expect-error the reversed order: pino would drop the fields
  logger.info('paid', { orderId: 7 });
  // @ts-expect-error the same on the method type
  method('paid', { orderId: 7 });
  // @ts-expect-error the message is text
  logger.info({ orderId: 7 }, { message: 'paid' });
  // @ts-expect-error a line needs something to say
  logger.info();
  // @ts-expect-error no number is a context
  logger.info(7);
}

// @ts-expect-error the reversed order does not compile on pino's own type either
fromPino.info('paid', { orderId: 7 });
// @ts-expect-error no such level
new ConsoleLogger({ level: 'verbose' });
