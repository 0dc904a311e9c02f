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

/** What helps where nothing of a process is mounted any more, and it stays all the same: it holds what only one may hold. */
export function endHint(pid: number): string {
  return `If it does not end within a minute: kill -KILL ${pid}. What was not sent yet is kept, and the next mount sends it.`;
}
