import { spawn } from 'node:child_process';

/** However systemd does, a mount does not wait for it longer. */
const patienceMs = 5_000;

/** What whoever started this process as a service wants to hear; nothing where nobody did. */
export interface ServiceNotices {
  /** The mount answers. */
  ready(status: string): Promise<void>;
  stopping(): Promise<void>;
}

/**
 * Tells systemd by sd_notify(3). Node has no datagram sockets of Unix, so `systemd-notify` says it for us; it is a part of systemd, and the unit
 * takes the word of any process of the service (`NotifyAccess=all`).
 */
export function serviceNotices(
  environment: NodeJS.ProcessEnv,
  onFailure: (error: unknown) => void,
): ServiceNotices {
  const tell = async (...words: readonly string[]) => {
    if (!environment['NOTIFY_SOCKET']) return;
    await notify(words, environment).catch(onFailure);
  };
  return {
    ready: (status) => tell('READY=1', `STATUS=${status.replaceAll(/\p{Cc}/gu, '?')}`),
    stopping: () => tell('STOPPING=1'),
  };
}

function notify(words: readonly string[], { PATH, NOTIFY_SOCKET }: NodeJS.ProcessEnv): Promise<void> {
  return new Promise((resolve, reject) => {
    // It gets no more of the environment than it needs: there may be a token in it.
    const child = spawn('systemd-notify', words, {
      env: {
        ...(PATH === undefined ? {} : { PATH }),
        ...(NOTIFY_SOCKET === undefined ? {} : { NOTIFY_SOCKET }),
      },
      stdio: 'ignore',
      cwd: '/',
      timeout: patienceMs,
    });
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`systemd-notify ended with ${code ?? signal}`));
    });
  });
}
