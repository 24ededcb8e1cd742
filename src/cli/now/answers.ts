// The answers of processes, and what is said of those that gave none.
import type { ProcessAnswer } from '../../now/asked-process.js';
import type { PreloadedProcess } from '../../now/processes.js';
import { nameInPath } from '../../now/socket-folder.js';
import type { NowAnswer } from '../../view/api.js';

export interface AskedAnswer {
  readonly process: PreloadedProcess;
  readonly answer: Exclude<ProcessAnswer, { kind: 'ended' }>;
}

/** The service of a process; where it does not answer, what the path of its socket has of it. */
export function nameOf({ process, answer }: AskedAnswer): string {
  return answer.kind === 'state' ? answer.state.service.name : process.service;
}

/** Whether a process is, or may be, one of this service. */
export function isOfService(asked: AskedAnswer, service: string): boolean {
  if (asked.answer.kind === 'state') return asked.answer.state.service.name === service;
  return nameInPath(service).startsWith(asked.process.service);
}

/** Why a process has not answered; `undefined` where it has. */
export function explain({ process: { pid }, answer }: AskedAnswer): string | undefined {
  switch (answer.kind) {
    case 'state':
      return undefined;
    case 'silent':
      return answer.isStopped
        ? `pid ${pid} does not answer: it is stopped, by SIGSTOP or a debugger`
        : `pid ${pid} does not answer: its event loop is blocked (for at least ${answer.forSeconds.toFixed(1)} s)`;
    case 'failed':
      return `pid ${pid} does not answer: ${answer.message}`;
  }
}

/** What `--json` prints. */
export function processesOf(answers: readonly AskedAnswer[]): NowAnswer {
  const processes = answers.map((each) => {
    const { process, answer } = each;
    if (answer.kind === 'state') return { pid: process.pid, uid: process.uid, state: answer.state };
    const unanswered =
      answer.kind === 'silent'
        ? { reason: answer.isStopped ? ('stopped' as const) : ('blocked' as const), forSeconds: answer.forSeconds }
        : { reason: 'failed' as const };
    return { pid: process.pid, uid: process.uid, service: process.service, unanswered: { ...unanswered, message: explain(each) ?? '' } };
  });
  return { processes };
}
