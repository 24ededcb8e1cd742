// The options of a PostgreSQL pool, as node-postgres documents them. Its own type is in @types/pg,
// which nobody shall need for our declarations.

interface PoolOptions {
  connectionString: string;
  host: string;
  port: number;
  user: string;
  password: string | (() => string | Promise<string>);
  database: string;
  ssl: boolean | object;
  types: object;
  options: string;
  client_encoding: string;
  application_name: string;
  fallback_application_name: string;
  keepAlive: boolean;
  keepAliveInitialDelayMillis: number;
  statement_timeout: false | number;
  query_timeout: number;
  lock_timeout: number;
  idle_in_transaction_session_timeout: number;
  connectionTimeoutMillis: number;
  idleTimeoutMillis: number | null;
  max: number;
  min: number;
  maxUses: number;
  maxLifetimeSeconds: number;
  allowExitOnIdle: boolean;
  stream: unknown;
  log: (...messages: unknown[]) => void;
}

export type PostgresOptions = { readonly [Name in keyof PoolOptions]?: PoolOptions[Name] | undefined };
