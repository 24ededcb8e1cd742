// Every name that the postgres integration emits: those of all PostgreSQL clients.
import type { EmittedName } from '../../config/emitted-name.js';
import { queryNames } from '../../observe/postgresql/names.js';

export const postgresNames: readonly EmittedName[] = queryNames;
