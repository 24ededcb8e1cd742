// What all rows of a trace have in common.
import type { Timeline } from './timeline.js';
import type { Range } from './zoom.js';

export interface RowContext {
  readonly timeline: Timeline;
  readonly range: Range;
  readonly isCritical: boolean;
  readonly onFold: (id: string) => void;
  readonly onEvent: (spanId: string, index: number) => void;
}
