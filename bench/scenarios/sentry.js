// What users of Sentry preload: every transaction and each of its spans is sent.
require('@sentry/node').init({ dsn: process.env.SENTRY_DSN, tracesSampleRate: 1 });
