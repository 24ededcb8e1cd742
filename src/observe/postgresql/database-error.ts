// The parts of a database error that telemetry may show: SQLSTATE and its class. Never its message,
// detail or where: they hold values.

/** The facts of a failed operation that telemetry shows. */
export interface ErrorFacts {
  /** `error.type`: the SQLSTATE, the error code of Node.js (`ECONNREFUSED`) or the class. */
  readonly type: string;
  /** Five characters; only for an error that the server reported. */
  readonly sqlState: string | undefined;
  /** `SQLSTATE 22P02 data_exception`; only for an error that the server reported. */
  readonly description: string | undefined;
  /** Class of the error, `DatabaseError`. */
  readonly className: string;
}

/** Names of the classes of SQLSTATE: https://www.postgresql.org/docs/18/errcodes-appendix.html */
const CLASSES: Readonly<Record<string, string>> = {
  '01': 'warning',
  '02': 'no_data',
  '03': 'sql_statement_not_yet_complete',
  '08': 'connection_exception',
  '09': 'triggered_action_exception',
  '0A': 'feature_not_supported',
  '0B': 'invalid_transaction_initiation',
  '0F': 'locator_exception',
  '0L': 'invalid_grantor',
  '0P': 'invalid_role_specification',
  '0Z': 'diagnostics_exception',
  '10': 'xquery_error',
  '20': 'case_not_found',
  '21': 'cardinality_violation',
  '22': 'data_exception',
  '23': 'integrity_constraint_violation',
  '24': 'invalid_cursor_state',
  '25': 'invalid_transaction_state',
  '26': 'invalid_sql_statement_name',
  '27': 'triggered_data_change_violation',
  '28': 'invalid_authorization_specification',
  '2B': 'dependent_privilege_descriptors_still_exist',
  '2D': 'invalid_transaction_termination',
  '2F': 'sql_routine_exception',
  '34': 'invalid_cursor_name',
  '38': 'external_routine_exception',
  '39': 'external_routine_invocation_exception',
  '3B': 'savepoint_exception',
  '3D': 'invalid_catalog_name',
  '3F': 'invalid_schema_name',
  '40': 'transaction_rollback',
  '42': 'syntax_error_or_access_rule_violation',
  '44': 'with_check_option_violation',
  '53': 'insufficient_resources',
  '54': 'program_limit_exceeded',
  '55': 'object_not_in_prerequisite_state',
  '57': 'operator_intervention',
  '58': 'system_error',
  F0: 'config_file_error',
  HV: 'fdw_error',
  P0: 'plpgsql_error',
  XX: 'internal_error',
};

export function readError(error: unknown): ErrorFacts {
  const className = classNameOf(error);
  const code = codeOf(error);
  if (typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && !code.startsWith('E')) {
    const name = CLASSES[code.slice(0, 2)];
    return { type: code, sqlState: code, description: `SQLSTATE ${code}${name === undefined ? '' : ` ${name}`}`, className };
  }
  const type = typeof code === 'string' && /^[A-Z][A-Z0-9_]{2,40}$/.test(code) ? code : className;
  return { type, sqlState: undefined, description: undefined, className };
}

function codeOf(error: unknown): unknown {
  if (typeof error !== 'object' || error === null) return undefined;
  // pg-native's pipeline mode leaves libpq's name.
  return 'code' in error ? error.code : 'sqlState' in error ? error.sqlState : undefined;
}

function classNameOf(error: unknown): string {
  if (!(error instanceof Error)) return 'Error';
  const { name } = error.constructor;
  return /^[A-Za-z_$][\w$]{0,60}$/.test(name) ? name : 'Error';
}
