// The table of diagnostics: each code with its text and remedy. The lines on stderr, the doctor and
// docs/reference/diagnostics.md take both from here.

/** A problem that a person can act on. */
export interface Diagnostic {
  /**
   * What is wrong, in one clause that an operator can search for; the fact with its value follows
   * it in the line.
   */
  readonly what: string;
  readonly remedy: string;
  /** False: a warning that is no cause of missing telemetry, so the doctor does not report it. */
  readonly isFinding?: false;
  /**
   * True: worth knowing, but telemetry arrives all the same, so the doctor's exit code does not
   * depend on it.
   */
  readonly isNote?: true;
}

const table = () =>
  ({
    SIETCH001: { what: 'the distribution did not start', remedy: 'install @sietch/otel again; else report the message with its stack' },
    SIETCH002: {
      what: 'a setting has a wrong value, or a name that is not known',
      remedy: 'correct it; docs/reference/settings.md lists all',
    },
    SIETCH003: {
      what: 'an integration could not be started and is off',
      remedy: 'report the message; OTEL_NODE_DISABLED_INSTRUMENTATIONS turns it off',
    },
    SIETCH010: { what: 'an instrumentation of SIETCH_OTEL_INSTRUMENTATIONS could not be loaded', remedy: 'npm install it in the app' },
    SIETCH011: {
      what: 'ES modules are not observed',
      remedy: 'start node without other loader hooks, or load the libraries with require()',
    },
    SIETCH020: {
      what: 'the metrics endpoint does not listen',
      remedy: 'set OTEL_EXPORTER_PROMETHEUS_PORT to a free port (0 for any), or SIETCH_OTEL_PROMETHEUS_PORT_TAKEN=next',
    },
    SIETCH021: {
      what: 'metrics endpoint: callbacks of observable instruments were late or failed, and their metrics are left out',
      remedy: 'observe values from a cache instead of asking for them during a scrape',
      isFinding: false,
    },
    SIETCH022: {
      what: 'metrics endpoint: a metric is left out',
      remedy: 'rename one of the two metrics, raise SIETCH_OTEL_PROMETHEUS_MAX_BYTES, or give the histogram explicit buckets',
      isFinding: false,
    },
    SIETCH023: {
      what: 'metrics endpoint: a histogram of a process is left out, since its buckets differ from those of the other processes',
      remedy: 'give it the same buckets in every process',
      isFinding: false,
    },
    SIETCH024: {
      what: 'metrics endpoint: a process sent a report that cannot be read',
      remedy: 'run the same version of @sietch/otel in all processes',
      isFinding: false,
    },
    SIETCH025: {
      what: 'metrics endpoint: the processes of this PM2 application cannot meet, only one of them is in the answer',
      remedy:
        'give them a TMPDIR that is theirs alone, or set SIETCH_OTEL_PROMETHEUS_CLUSTER=off and SIETCH_OTEL_PROMETHEUS_PORT_TAKEN=next',
      isFinding: false,
    },
    SIETCH030: { what: 'headers with credentials are not captured', remedy: 'take them out of the variable', isFinding: false },
    SIETCH031: { what: "there are no spans of Fastify's hooks", remedy: 'npm install @fastify/otel in the app', isFinding: false },
    SIETCH040: {
      what: 'a query was not traced, because of an error of this distribution',
      remedy: 'report the message with its stack',
      isFinding: false,
    },
    SIETCH041: { what: 'a listener of onSlowQuery threw', remedy: 'catch errors inside the listener', isFinding: false },
    SIETCH042: {
      what: 'an observed library lacks a member that its integration patches',
      remedy: 'use a published and supported version of the library, outside of bundles; else update @sietch/otel',
    },
    SIETCH070: {
      what: 'a circuit breaker has no name: all such breakers are shown as one, `unnamed`',
      remedy: "give it one: new CircuitBreaker(action, { name: 'paddle' })",
      isFinding: false,
    },
    SIETCH071: {
      what: 'cardinality limit: there are too many names of circuit breakers',
      remedy: 'name breakers for what they protect, not for what passes through them',
      isFinding: false,
    },
    SIETCH072: { what: 'an onEvent listener of a circuit breaker threw', remedy: 'catch errors inside the listener', isFinding: false },
    SIETCH073: {
      what: 'an alert about a circuit breaker was not delivered',
      remedy: 'check SIETCH_OTEL_CIRCUIT_WEBHOOK_URL and its receiver',
      isFinding: false,
    },
    SIETCH074: {
      what: 'isFailure of a circuit breaker threw: the error counts as a failure',
      remedy: 'catch errors inside isFailure',
      isFinding: false,
    },
    SIETCH090: { what: 'telemetry was dropped', remedy: 'look at the cause in the line, and at the collector' },
    SIETCH091: {
      what: 'exports fail, and are kept and retried',
      remedy: 'is the collector running, and OTEL_EXPORTER_OTLP_ENDPOINT right? `npx sietch-otel doctor -- node app.js` finds out why',
    },
    SIETCH092: {
      what: 'the collector refuses exports, which are dropped',
      remedy: 'check OTEL_EXPORTER_OTLP_ENDPOINT, _PROTOCOL and _HEADERS; `npx sietch-otel doctor -- node app.js` finds out why',
    },
    SIETCH093: { what: 'an endpoint of OTEL_EXPORTER_OTLP_* is no http or https URL', remedy: 'write it as http://host:4318' },
    SIETCH094: { what: 'a certificate file of OTEL_EXPORTER_OTLP_* cannot be read', remedy: 'check its path and permissions' },
    SIETCH095: {
      what: 'telemetry was lost when the process ended',
      remedy: 'raise SIETCH_OTEL_SHUTDOWN_MS, or bring the collector nearer; `npx sietch-otel doctor -- node app.js` finds out why',
    },
    SIETCH096: {
      what: 'telemetry that was left when the process ended could not be handed to a worker thread',
      remedy: "allow worker threads: --allow-worker beside Node's --permission",
    },
    SIETCH097: {
      what: 'the app has a copy of @opentelemetry/api of another major version: its spans are lost',
      remedy: 'install @opentelemetry/api@^1 in the app',
    },
    SIETCH098: { what: 'there are two OpenTelemetry SDKs in the process', remedy: 'start only one: remove the other, or this preload' },
    SIETCH099: {
      what: 'another APM agent is started in the process: both patch the same libraries, spans may be doubled or lost',
      remedy: 'keep one of the two: do not start the other, or do not preload @sietch/otel/register',
    },
    SIETCH100: { what: 'OTEL_SDK_DISABLED is true: nothing is observed', remedy: 'unset OTEL_SDK_DISABLED' },
    SIETCH101: { what: 'spans go nowhere: OTEL_TRACES_EXPORTER contains none', remedy: 'unset it, or set it to otlp' },
    SIETCH102: {
      what: 'sampled out: the sampler drops every trace',
      remedy: 'unset OTEL_TRACES_SAMPLER, or raise OTEL_TRACES_SAMPLER_ARG',
    },
    SIETCH103: {
      what: 'the sampler is not understood, and every trace is kept',
      remedy:
        'OTEL_TRACES_SAMPLER is always_on, always_off or traceidratio, or one of them after parentbased_; OTEL_TRACES_SAMPLER_ARG from 0 to 1',
    },
    SIETCH104: {
      what: 'OTLP over HTTP is sent to port 4317, where collectors expect gRPC',
      remedy: 'use port 4318, or OTEL_EXPORTER_OTLP_PROTOCOL=grpc',
    },
    SIETCH105: {
      what: 'gRPC is sent to port 4318, where collectors expect HTTP',
      remedy: 'use port 4317, or OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf',
    },
    SIETCH106: {
      what: 'OTEL_EXPORTER_OTLP_ENDPOINT ends with the path of a signal, which is added once more',
      remedy: 'leave /v1/… away, or set OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
    },
    SIETCH107: {
      what: 'the endpoint of a signal has no path, and is used as it is',
      remedy: 'write the whole URL, /v1/traces and the like included, or set OTEL_EXPORTER_OTLP_ENDPOINT',
    },
    SIETCH108: {
      what: 'the collector is looked for on localhost, which in a container is the container itself',
      remedy: 'name the host: http://otel-collector:4318, or http://host.docker.internal:4318',
    },
    SIETCH109: { what: 'every integration is switched off', remedy: 'look at OTEL_NODE_ENABLED_INSTRUMENTATIONS and its kin' },
    SIETCH110: {
      what: 'host not found: DNS does not know the name of the collector',
      remedy: 'check the host in OTEL_EXPORTER_OTLP_ENDPOINT, and DNS',
    },
    SIETCH111: {
      what: 'connection refused: nobody listens where the collector should be',
      remedy: 'start the collector, or correct host and port',
    },
    SIETCH112: {
      what: 'timeout: the collector does not answer',
      remedy: 'look for a firewall or network policy in between, and at the load of the collector',
    },
    SIETCH113: {
      what: "the collector's certificate is not trusted",
      remedy: 'set OTEL_EXPORTER_OTLP_CERTIFICATE to the file of the authority, or renew the certificate',
    },
    SIETCH114: {
      what: 'one side speaks TLS and the other does not',
      remedy: 'change http:// to https:// in the endpoint, or the other way round',
    },
    SIETCH115: {
      what: 'unauthorized: the collector does not accept the credentials',
      remedy: 'check OTEL_EXPORTER_OTLP_HEADERS (values URL-encoded)',
    },
    SIETCH116: {
      what: 'the collector does not know the path',
      remedy: 'leave the path of OTEL_EXPORTER_OTLP_ENDPOINT to the exporter: no /v1/traces',
    },
    SIETCH117: {
      what: 'the collector does not take the format',
      remedy: 'try OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf, and OTEL_EXPORTER_OTLP_COMPRESSION=none',
    },
    SIETCH118: {
      what: 'backpressure: the collector asks for fewer exports',
      remedy: 'look at the memory limiter and queues of the collector; send less',
    },
    SIETCH119: { what: 'what answers is no OTLP collector', remedy: 'correct host and port: a web server or proxy answers' },
    SIETCH120: {
      what: 'a library was loaded before the distribution, so it is not observed',
      remedy: 'preload @sietch/otel/register before everything else, or call start() before the library is required',
    },
    SIETCH121: {
      what: 'a proxy is set, which exports do not use',
      remedy: 'let the collector be reached directly, or run one beside the app',
    },
    SIETCH122: {
      what: 'traces break at every process border: no tracecontext among the propagators',
      remedy: 'unset OTEL_PROPAGATORS, or add tracecontext',
    },
    SIETCH123: { what: 'the service has no name', remedy: 'set OTEL_SERVICE_NAME, or name in package.json' },
    SIETCH124: { what: 'spans wait very long before they are sent', remedy: 'unset OTEL_BSP_SCHEDULE_DELAY' },
    SIETCH125: {
      what: 'what is left at the end of the process is not sent',
      remedy: 'unset SIETCH_OTEL_SHUTDOWN_MS and SIETCH_OTEL_SIGNALS',
    },
    SIETCH126: { what: 'the port speaks gRPC, and HTTP is sent', remedy: 'use port 4318, or OTEL_EXPORTER_OTLP_PROTOCOL=grpc' },
    SIETCH127: { what: 'the port does not speak gRPC', remedy: 'use port 4317, or OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf' },
    SIETCH128: {
      what: 'clock skew: the clocks of this machine and of the collector disagree',
      remedy: 'run NTP on both: spans seem to come from another time',
    },
    SIETCH129: { what: 'the collector fails inside', remedy: 'look at its log' },
    SIETCH130: { what: 'a library has a version that is not supported', remedy: 'install a version in the range named' },
    SIETCH131: {
      what: 'the app is bundled: libraries inside the bundle are not observed',
      remedy:
        'build it with the plugin of @sietch/otel/bundler (docs/bundlers.md), or keep them out: esbuild --packages=external, webpack-node-externals',
    },
    SIETCH132: { what: 'no span was made', remedy: 'send a request or add a job; see whether the libraries are supported and loaded late' },
    SIETCH133: { what: 'worker threads are not observed', remedy: 'SIETCH_OTEL_WORKER_THREADS=on' },
    SIETCH134: {
      what: 'the app ran without the distribution, or its stderr did not reach the doctor',
      remedy: 'start it with node --require @sietch/otel/register, or by NODE_OPTIONS; let stderr through',
    },
    SIETCH135: { what: 'the app ended by itself while it was watched', remedy: 'look at its own output first' },
    SIETCH136: { what: 'the program is an ES module and SIETCH_OTEL_ESM_HOOK is off', remedy: 'unset SIETCH_OTEL_ESM_HOOK' },
    SIETCH137: { what: 'this version of Node.js is not supported', remedy: 'use Node.js 20.6 or later, or 22 and later' },
    SIETCH138: { what: 'the command cannot be started', remedy: 'check it: sietch-otel doctor -- node app.js' },
    SIETCH140: {
      what: 'lines of the distribution could not be written, since stderr was full, blocked or closed',
      remedy: 'let the reader of stderr keep up, or free its disk',
    },
    SIETCH141: {
      what: 'SIETCH_OTEL_CODE_CACHE is not used',
      remedy: 'name a folder that this user alone can write, on a path that nobody else can change',
    },
    SIETCH145: {
      what: 'the app gives the OpenTelemetry API an argument that it cannot use',
      remedy: 'correct the call that the line names: the rest of the telemetry is not affected',
    },
    SIETCH146: {
      what: 'the collector took an export but refused a part of it (partial success)',
      remedy: "correct what the collector's message names; the collector log has more",
    },
    SIETCH147: {
      what: 'cardinality limit: the app makes meters, instruments or loggers without end',
      remedy: 'keep ids and other values out of their names: they belong into attributes',
    },
    SIETCH150: {
      what: 'not checked: a process of the app did not report the result of its self-check',
      remedy: 'watch it longer (--for); a process that is killed, or busy for seconds on end, cannot report',
    },
    SIETCH151: {
      what: 'only the doctor preloads the distribution: started so without the doctor, the app is not observed',
      remedy: 'start it with node --require @sietch/otel/register, or set NODE_OPTIONS to that',
    },
    SIETCH152: {
      what: 'sampled out: the caller has not sampled the trace, so the spans below it are dropped',
      remedy: 'sample at the caller, or set OTEL_TRACES_SAMPLER to a sampler without parentbased_',
    },
    SIETCH153: {
      what: 'variables were set after the distribution had started, which does not see them',
      remedy: 'set them before node starts: node --env-file=.env, or dotenv before it in the same --require order',
    },
    SIETCH154: {
      what: 'a proxy or load balancer answers in place of the collector',
      remedy: 'look at the health of the collector behind it, and at the route to it',
    },
    SIETCH155: {
      what: 'headers for the collector are not written as OTEL_EXPORTER_OTLP_HEADERS takes them',
      remedy: 'write key=value,key=value with URL-encoded values: authorization=Bearer%20token',
    },
    SIETCH157: {
      what: 'clock skew: the clocks of this machine and of its Redis disagree by over a minute',
      remedy: 'run NTP on both: BullMQ dates delays, ages and removals with the clocks of the processes',
    },
    SIETCH162: {
      what: 'the Redis of a WebhookQueue may evict webhooks that it has acknowledged',
      remedy: 'set maxmemory-policy noeviction, as BullMQ needs it; requireDurable: true takes no webhooks till then',
    },
    SIETCH163: {
      what: 'the Redis of a WebhookQueue loses acknowledged webhooks when it ends',
      remedy: 'set appendonly yes, and appendfsync always',
    },
    SIETCH164: {
      what: 'the Redis of a WebhookQueue does not say whether it keeps what it acknowledges',
      remedy: 'allow INFO to its user: ACL SETUSER … +info',
    },
    SIETCH167: {
      what: 'a library was loaded by a way that no hook sees: this copy is not observed',
      remedy: 'remove what replaces Module.prototype.require or Module._load, or preload @sietch/otel/register after it',
    },
    SIETCH171: {
      what: 'a private member of an OpenTelemetry package is not where it was: a slower or simpler part stands in for ours',
      remedy: 'install the versions that the lock file of @sietch/otel pins; docs/architecture.md lists these members (Ports)',
      isFinding: false,
    },
    SIETCH172: {
      what: 'the sampler given to start() throws, or returns no sampling decision',
      remedy: 'mend its shouldSample(); OTEL_TRACES_SAMPLER decides till then',
      isFinding: false,
    },
    SIETCH173: {
      what: 'a processor or metric reader given to start() throws',
      remedy: 'mend it; the other ones get each span, log record and metric all the same',
      isFinding: false,
    },
    SIETCH176: {
      what: 'the event loop was blocked during an operation, which is not counted as slow',
      remedy: 'find the synchronous work with node --cpu-prof; at start it is the loading of modules',
      isFinding: false,
    },
    SIETCH193: {
      what: 'an instrumentation among the dependencies of the app could not be used',
      remedy: 'install a version for the @opentelemetry/api of the app, or name it in SIETCH_OTEL_INSTRUMENTATIONS (-name leaves it out)',
    },
    SIETCH194: {
      what: 'loaded, not observed',
      remedy:
        'install the instrumentation in the app, which is then used without a setting; where none is known, make spans around the calls',
      isNote: true,
    },
    SIETCH197: {
      what: 'an export of a bundled ES module cannot be replaced: the library is observed in part',
      remedy: 'bundle the CommonJS build of the library, or keep it out of the bundle',
    },
    SIETCH198: {
      what: 'a module of a bundle could not be observed, because of an error of this distribution',
      remedy: 'report the message; till then keep the library out of the bundle',
      isFinding: false,
    },
    SIETCH200: {
      what: 'the configuration file cannot be used: nothing is started, the app runs unobserved',
      remedy: 'mend the file that OTEL_CONFIG_FILE names, or unset the variable; docs/configuration-file.md',
    },
    SIETCH201: {
      what: 'a part of the configuration file is not understood',
      remedy: 'correct it; docs/configuration-file.md lists what is understood',
    },
    SIETCH202: {
      what: 'the configuration file overrides variables of the environment',
      remedy: 'unset them, or refer to them in the file by substitution',
      isFinding: false,
    },
    SIETCH203: {
      what: 'the configuration file has changed, and a setting with it',
      remedy: 'nothing is to be done: it applies from now on',
      isFinding: false,
    },
    SIETCH204: {
      what: 'the configuration file has changed in a part that needs a restart',
      remedy: 'restart the process; docs/configuration-file.md lists what changes without',
      isFinding: false,
    },
    SIETCH205: {
      what: 'the configuration file has changed and cannot be used now: the settings stay as they are',
      remedy: 'mend the file: it is read again when it changes',
      isFinding: false,
    },
    SIETCH206: {
      what: 'Deno is not supported: nothing is observed',
      remedy: 'set OTEL_DENO=true, with which Deno sends traces, metrics and log records itself; or run the app by Node.js',
    },
    SIETCH207: {
      what: 'Bun is supported in part: requests of node:http and what the app loads by require() are observed; imports, Bun.serve and fetch are not',
      remedy: 'run the app by Node.js to see all of it',
    },
    SIETCH208: {
      what: 'nothing is observed, since telemetry could not leave the process: node runs with --permission and without --allow-net',
      remedy: 'add --allow-net, or do not preload @sietch/otel/register',
    },
    SIETCH220: {
      what: '`sietch-otel now` cannot ask this process: its socket could not be opened',
      remedy:
        'let XDG_RUNTIME_DIR or TMPDIR name a folder that this user alone can write, with a short path; docs/now.md; SIETCH_OTEL_NOW=off opens none',
      isFinding: false,
    },
    SIETCH230: {
      what: 'too many operations are open at once: further ones are neither shown by `sietch-otel now` nor reported as still running',
      remedy: 'find what waits, by `sietch-otel now`, and bound how much of it may begin',
      isFinding: false,
    },
    SIETCH235: {
      what: 'a connection was checked out of a pool, is idle and was not given back',
      remedy: 'release it in a finally; SIETCH_OTEL_PG_CHECKOUT_STACKS=on says where it was checked out',
      isFinding: false,
    },
    SIETCH246: {
      what: 'a listener of the flight recorder threw when a trace was kept; the trace is sent',
      remedy: 'report the message',
      isFinding: false,
    },
    SIETCH250: {
      what: 'flight recorder: the Redis or PostgreSQL of a queue does not take or give the marks of kept traces, so halves of them will be missing',
      remedy:
        'Redis: let the user of the queue run EVALSHA, XADD, XREAD, PEXPIRE and TIME on this key, on Redis 5 or later; PostgreSQL: let one connection more of each process in, not through a pooler that shares connections',
      isFinding: false,
    },
    SIETCH275: {
      what: "a variable of OpenTelemetry's specification does nothing here",
      remedy: 'take it out, or do what the line says; docs/reference/settings.md lists the variables that count',
      isNote: true,
    },
    SIETCH288: {
      what: 'the flight recorder is off: traces are not exported',
      remedy: 'set OTEL_TRACES_EXPORTER=otlp, or unset SIETCH_OTEL_RECORDER',
      isFinding: false,
    },
    SIETCH302: {
      what: 'the id generator given to start() throws, or returns what is no id',
      remedy: 'have it return 32 and 16 lower-case hexadecimal digits, not all zeros; a random id is used in the place of each other one',
      isFinding: false,
    },
  }) as const satisfies Readonly<Record<string, Diagnostic>>;

type Table = ReturnType<typeof table>;
export type DiagnosticCode = keyof Table;

let made: Table | undefined;

/**
 * Made when it is first asked for: most processes report nothing, and 90 rows are 0.1 ms of their
 * start.
 */
export function diagnostics(): Table {
  made ??= table();
  return made;
}

/** The codes that the doctor reports. */
export type FindingCode = { [C in DiagnosticCode]: Table[C] extends { isFinding: false } ? never : C }[DiagnosticCode];

/** A cause of missing telemetry that the doctor has found, with the fact and its value. */
export interface Finding {
  readonly code: FindingCode;
  readonly detail?: string;
}

export function isFindingCode(code: string): code is FindingCode {
  const all: Readonly<Record<string, Diagnostic>> = diagnostics();
  return Object.hasOwn(all, code) && all[code]?.isFinding !== false;
}
