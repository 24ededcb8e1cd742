// opossum as we see it: types only, since opossum itself is loaded by the app.
import type Opossum from 'opossum';

/** A breaker with its options, which @types/opossum leaves out. */
export interface Breaker extends Opossum {
  readonly options: Opossum.Options & { readonly state?: unknown };
}
