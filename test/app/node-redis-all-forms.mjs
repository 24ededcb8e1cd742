// node-redis-all-forms.cjs with the library by `import`.
import { createRequire } from 'node:module';
import * as library from 'redis';

await createRequire(import.meta.url)('./node-redis-all-forms.cjs')(library);
