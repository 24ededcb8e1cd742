// Looks for a text in what senders wrote, in any case.

import { valueText } from './format.js';
import type { Attributes, AttributeValue } from './telemetry.js';

export class TextMatch {
  /** An expression of V8's is faster than lower-case copies of each text. */
  readonly #expression: RegExp;

  constructor(text: string) {
    this.#expression = new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'i');
  }

  in(text: string): boolean {
    return this.#expression.test(text);
  }

  inValue(value: AttributeValue): boolean {
    return this.#expression.test(valueText(value));
  }

  inValues(attributes: Attributes): boolean {
    for (const key in attributes) if (this.inValue(attributes[key] ?? null)) return true;
    return false;
  }
}
