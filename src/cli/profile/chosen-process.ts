// The process that a profile is asked of: by id, by the name of its service, or the only one.
import { findProcesses, type PreloadedProcess } from '../../now/processes.js';
import { nameInPath } from '../../now/socket-folder.js';

const MAX_LISTED = 20;

/** @throws {Error} that lists what there is, when it is none or several */
export function chooseProcess(wanted: string | undefined): PreloadedProcess {
  const { processes, refused } = findProcesses(process.geteuid?.() === 0);
  const found = wanted === undefined ? processes : processes.filter((each) => isWanted(each, wanted));
  const [first] = found;
  if (first !== undefined && found.length === 1) return first;
  const what = wanted === undefined ? 'preloaded process' : `preloaded process ${JSON.stringify(wanted)}`;
  const problem = first === undefined ? `there is no ${what}` : `there are ${found.length}: name one by its pid`;
  throw new Error([problem, ...list(first === undefined ? processes : found), ...refused].join('\n'));
}

/** The path of a socket has a long name of a service cut. */
function isWanted({ pid, service }: PreloadedProcess, wanted: string): boolean {
  return String(pid) === wanted || (service !== '' && service === nameInPath(wanted));
}

function list(processes: readonly PreloadedProcess[]): string[] {
  const lines = processes.slice(0, MAX_LISTED).map(({ pid, service }) => `  ${pid}  ${service}`);
  return processes.length > MAX_LISTED ? [...lines, `  and ${processes.length - MAX_LISTED} more`] : lines;
}
