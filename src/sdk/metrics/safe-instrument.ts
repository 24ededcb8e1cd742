// Makes instruments never throw into the app, whatever their arguments. The SDK's methods are
// replaced once, in the prototypes that all instruments share.
import type { Attributes, Context } from '@opentelemetry/api';
import { kindOf, reportMisuse } from '../../context/api-misuse.js';
import { copyAttributes, plainAttributes } from './measured-attributes.js';

type Measure = (this: object, value: number, attributes?: Attributes, context?: Context) => void;

const safe = new WeakSet<object>();

/**
 * Makes `add` or `record` of all instruments of this kind safe.
 * @param copies whether attributes are copied at each call, for a storage that keeps the app's own
 * object
 */
export function makeMeasuringSafe(instrument: object, method: 'add' | 'record', copies: boolean): void {
  const prototype: unknown = Object.getPrototypeOf(instrument);
  if (typeof prototype !== 'object' || prototype === null || safe.has(prototype)) return;
  safe.add(prototype);
  const measure: unknown = Reflect.get(prototype, method);
  if (isMeasure(measure)) Reflect.set(prototype, method, copies ? copying(measure) : safely(measure));
}

function safely(measure: Measure): Measure {
  return function (value, attributes, context) {
    try {
      measure.call(this, value, typeof attributes === 'object' && attributes !== null ? attributes : undefined, context);
    } catch {
      measureAnyway(this, measure, value, attributes);
    }
  };
}

function copying(measure: Measure): Measure {
  return safely(function (value, attributes, context) {
    measure.call(this, value, copyAttributes(attributes), context);
  });
}

/** Measures again with the attributes that can be read. */
function measureAnyway(instrument: object, measure: Measure, value: unknown, attributes: unknown): void {
  if (typeof value !== 'number') {
    reportMisuse('add() or record() of an instrument', `the value is ${kindOf(value)}, expected a number`);
    return;
  }
  reportMisuse('add() or record() of an instrument', 'attributes or context that cannot be used');
  try {
    measure.call(instrument, value, plainAttributes(attributes));
  } catch {
    // Reported above.
  }
}

function isMeasure(value: unknown): value is Measure {
  return typeof value === 'function';
}
