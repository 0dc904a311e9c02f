import { DiskSession } from '../../src/daemon/disk-session.ts';
import { closeLater } from '../close-later.ts';

/** A session on a server, with no mounts; open until the tests are over. */
export async function sessionOn(apiUrl: string, token = 'TOKEN'): Promise<DiskSession> {
  return new Promise((resolve, reject) => {
    const stop = new AbortController();
    const opened = DiskSession.with(
      {
        apiUrl: new URL(apiUrl),
        tokens: { accessToken: async () => token },
        stateFolder: '/nonexistent',
        disks: { mounts: [], strangers: [] },
        signal: stop.signal,
        sendFirst: async () => {},
      },
      (session) => {
        resolve(session);
        return new Promise<void>((end) => closeLater(() => end()));
      },
    );
    opened.catch(reject);
  });
}
