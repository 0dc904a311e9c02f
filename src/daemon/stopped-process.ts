import { readFileSync } from 'node:fs';

/** Whether a process is there and was stopped: by Ctrl-Z, by SIGSTOP, or by a debugger. */
export function isStopped(pid: number): boolean {
  try {
    // The name in front, in brackets, may hold anything. Source: proc(5), "/proc/pid/stat".
    const state = /^.*\) (\S)/s.exec(readFileSync(`/proc/${pid}/stat`, 'latin1'))?.[1];
    return state === 'T' || state === 't';
  } catch {
    return false;
  }
}

/** What helps then: other signals wait until it goes on. */
export function goOnHint(pid: number): string {
  return `Ctrl-Z or a signal has stopped it. kill -CONT ${pid} lets it go on.`;
}
