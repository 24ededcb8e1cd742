// Reads the answer of the API about a trace: its first line is the summary, each other one a span or a log record.
import type { ApiLog, ApiSpan, TraceAnswer, TraceSummary } from '../../api.js';
import { inSlices } from '../../time-slices.js';

/** In slices: a long trace has many megabytes, which would take all of them together a frame or several. */
export async function readTrace(text: string, signal?: AbortSignal): Promise<TraceAnswer> {
  const [head = '', ...lines] = text.split('\n');
  const summary: TraceSummary = JSON.parse(`${head}]}`);
  const spans: ApiSpan[] = [];
  const logs: ApiLog[] = [];
  let list: { push(item: ApiSpan & ApiLog): unknown } = spans;
  const read = (line: string): void => {
    if (line.startsWith(']')) list = logs;
    else list.push(JSON.parse(line.endsWith(',') ? line.slice(0, -1) : line));
  };
  await inSlices(lines, read, signal);
  return { ...summary, spans, logs };
}
