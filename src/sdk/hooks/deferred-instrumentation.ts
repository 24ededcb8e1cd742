// An instrumentation that is made when the app loads the library that it observes. Most processes
// load few of the libraries that we know.
import type { MeterProvider, TracerProvider } from '@opentelemetry/api';
import type { LoggerProvider } from '@opentelemetry/api-logs';
import type { Instrumentation, InstrumentationConfig } from '@opentelemetry/instrumentation';
import { fail } from '../../diagnose/diagnostics.js';
import { DISTRO_VERSION } from '../version.js';
import { Hook } from './import-hooks.js';
import { RequireInTheMiddleSingleton } from './require-hooks.js';

/** The instrumentation that is made; with `shutdown` where it has something to end. */
export type Deferred = Instrumentation & { shutdown?(): Promise<void> };

export class DeferredInstrumentation implements Instrumentation {
  readonly instrumentationName: string;
  readonly instrumentationVersion = DISTRO_VERSION;
  readonly #modules: readonly string[];
  readonly #create: () => Deferred | undefined;
  #isHooked = false;
  /** Made, or too late for it. */
  #isOpen = false;
  #real: Deferred | undefined;
  #tracers: TracerProvider | undefined;
  #meters: MeterProvider | undefined;
  #loggers: LoggerProvider | undefined;

  /**
   * @param modules packages, or built-in modules; the first that is loaded opens it
   * @param create called once; what it makes hooks the modules itself, and sees the one that is
   * being loaded; undefined where there is nothing to make
   */
  constructor(name: string, modules: readonly string[], create: () => Deferred | undefined) {
    this.instrumentationName = name;
    this.#modules = modules;
    this.#create = create;
  }

  /** Makes the instrumentation. Never throws. */
  open(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    try {
      const real = this.#create();
      if (real === undefined) return;
      if (this.#tracers !== undefined) real.setTracerProvider(this.#tracers);
      if (this.#meters !== undefined) real.setMeterProvider(this.#meters);
      if (this.#loggers !== undefined) real.setLoggerProvider?.(this.#loggers);
      this.#real = real;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      fail('SIETCH003', `${this.instrumentationName}: ${reason}`);
    }
  }

  enable(): void {
    this.#real?.enable();
    if (this.#isHooked) return;
    this.#isHooked = true;
    const hooks = RequireInTheMiddleSingleton.getInstance();
    for (const name of this.#modules) {
      hooks.register(name, (exports) => {
        this.open();
        return exports;
      });
    }
    if (this.#modules.length > 0) new Hook([...this.#modules], { internals: true }, () => this.open());
  }

  disable(): void {
    this.#real?.disable();
  }

  setTracerProvider(provider: TracerProvider): void {
    this.#tracers = provider;
    this.#real?.setTracerProvider(provider);
  }

  setMeterProvider(provider: MeterProvider): void {
    this.#meters = provider;
    this.#real?.setMeterProvider(provider);
  }

  setLoggerProvider(provider: LoggerProvider): void {
    this.#loggers = provider;
    this.#real?.setLoggerProvider?.(provider);
  }

  setConfig(config: InstrumentationConfig): void {
    this.#real?.setConfig(config);
  }

  getConfig(): InstrumentationConfig {
    return this.#real?.getConfig() ?? {};
  }

  /** An instrumentation that was not made by now is never made: its providers have ended. */
  async shutdown(): Promise<void> {
    this.#isOpen = true;
    await this.#real?.shutdown?.();
  }
}
