import { Api, type TokenSource } from '../disk-api/api.ts';
import { withoutDrive } from '../disk-api/http.ts';
import { type DiskPath, parseDiskPath } from '../disk-api/paths.ts';
import { Failure, failedWith } from '../errors.ts';
import type { WhichDeletions } from '../sync/queue-report.ts';
import { askMount } from './control-client.ts';
import { uidOfToken } from './identify.ts';
import { findPlace, placeBelow } from './places.ts';
import type { MountedDisks, RunningMount } from './running-mounts.ts';

interface SessionOptions {
  readonly apiUrl: URL;
  readonly tokens: TokenSource;
  readonly stateFolder: string;
  readonly disks: MountedDisks;
  readonly signal: AbortSignal;
  /** Sees to it that what lies at a place of a mount is on the server. */
  readonly sendFirst: (mount: RunningMount, place: string) => Promise<void>;
}

/** A mount of the Disk that a session is about, and a place in it. */
interface OwnPlace {
  readonly mount: RunningMount;
  readonly place: string;
}

/** A mount that says nothing does not hold up a command that is done. */
const tellingMs = 10_000;

/** The Disk, for one command that works on it straight; and the mounts of it, which are to see at once what the command changes. */
export class DiskSession {
  readonly api: Api;
  readonly signal: AbortSignal;
  readonly #options: SessionOptions;
  #uid: Promise<string> | undefined;

  private constructor(options: SessionOptions) {
    this.#options = options;
    this.signal = options.signal;
    this.api = new Api({ url: options.apiUrl, tokens: options.tokens, ratePerSecond: 0 });
  }

  /** Works with a session, and closes it. */
  static async with<T>(options: SessionOptions, task: (session: DiskSession) => Promise<T>): Promise<T> {
    const session = new DiskSession(options);
    try {
      return await task(session);
    } catch (error) {
      // Here no drive goes on by itself.
      if (!failedWith(error, 'offline')) throw error;
      throw withoutDrive(error);
    } finally {
      session.api.close();
    }
  }

  /**
   * What a PATH means on the Disk: a path in a mount, or `disk:/…`. What a mount has changed there is sent first.
   * @throws Failure 'local' where it is in no mount, 'not-found' in a mount, 'refused' for a mount of somebody else's Disk
   */
  async existing(text: string): Promise<DiskPath> {
    const { signal, sendFirst } = this.#options;
    if (text.startsWith('disk:')) return this.sentFirst(parseDiskPath(text));
    const { mount, place } = await this.#placeOf(text);
    await sendFirst(mount, place);
    return (await askMount(mount, { command: 'locate', place }, { signal })).path;
  }

  /**
   * What a PATH means of which the last name need not be there.
   * @throws Failure as `existing`, for the folder that it is in
   */
  async wanted(text: string): Promise<DiskPath> {
    const { signal, sendFirst } = this.#options;
    if (text.startsWith('disk:')) return this.sentFirst(parseDiskPath(text));
    const { mount, place } = await this.#placeOf(text);
    await sendFirst(mount, place);
    const locate = async (at: string) =>
      (await askMount(mount, { command: 'locate', place: at }, { signal })).path;
    try {
      return await locate(place);
    } catch (error) {
      if (!failedWith(error, 'not-found')) throw error;
      const names = place.split('/');
      const folder = await locate(names.slice(0, -1).join('/'));
      return parseDiskPath(`${folder}/${names.at(-1)}`);
    }
  }

  /**
   * The place in a mount of this Disk that a PATH names, when what was changed there is sent; undefined for one that is in no mount of ours.
   * @throws Failure as `deletionsSentFirst`
   */
  async sentInMount(text: string): Promise<OwnPlace | undefined> {
    const { disks, sendFirst } = this.#options;
    const isInMount = await findPlace(text, disks).catch((error: unknown) => {
      if (failedWith(error, 'local')) return undefined;
      throw error;
    });
    if (!isInMount) return undefined;
    const found = await this.#placeOf(text);
    await this.#sendDeletions(found.mount, { place: found.place });
    await sendFirst(found.mount, found.place);
    return found;
  }

  /** Mounts of this Disk look again at the folders that hold these paths. What they fail with is theirs. */
  async changed(...paths: readonly DiskPath[]): Promise<void> {
    const mounts = this.#options.disks.mounts.filter(({ socket }) => socket !== null);
    if (mounts.length === 0) return;
    // It is done: whatever keeps us from telling is no reason to fail.
    const uid = await this.#owner().catch(() => undefined);
    if (uid === undefined) return;
    const signal = AbortSignal.any([this.signal, AbortSignal.timeout(tellingMs)]);
    const told = mounts.map((mount) =>
      askMount(mount, { command: 'look-again', uid, paths: [...paths] }, { signal }).catch(() => {}),
    );
    await Promise.all(told);
  }

  /** What mounts of this Disk have changed at a path is sent. A mount that does not answer has nothing to say here. */
  async sentFirst(path: DiskPath): Promise<DiskPath> {
    for (const mount of this.#options.disks.mounts) {
      const place = placeBelow(path, mount.root);
      if (place === undefined || !(await this.#isOurs(mount))) continue;
      await this.#options.sendFirst(mount, place);
    }
    return path;
  }

  /**
   * What mounts of this Disk have deleted is sent: of that name, or at that path, where one is given. One that does not answer has nothing to say here.
   * @throws Failure of what cannot be sent; 'not-permitted' for what would not come into the trash: then that is not sent
   */
  async deletionsSentFirst({ name, path }: { readonly name?: string; readonly path?: DiskPath } = {}) {
    for (const mount of this.#options.disks.mounts) {
      const place = path === undefined ? undefined : placeBelow(path, mount.root);
      if (path !== undefined && place === undefined) continue;
      if (await this.#isOurs(mount)) await this.#sendDeletions(mount, { name, place });
    }
  }

  /** A mount of an older version does not know how. */
  async #sendDeletions(mount: RunningMount, which: WhichDeletions): Promise<void> {
    const { signal } = this;
    await askMount(mount, { command: 'send-deletions', ...which }, { signal }).catch((error: unknown) => {
      if (!failedWith(error, 'invalid')) throw error;
    });
  }

  async #isOurs(mount: RunningMount): Promise<boolean> {
    const { signal } = this;
    const located = await askMount(mount, { command: 'locate', place: '' }, { signal }).catch(
      (error: unknown) => {
        if (signal.aborted) throw error;
        return undefined;
      },
    );
    return located !== undefined && located.uid === (await this.#owner());
  }

  async #placeOf(text: string): Promise<OwnPlace> {
    const { disks, signal } = this.#options;
    const found = await findPlace(text, disks);
    const { uid, account } = await askMount(found.mount, { command: 'locate', place: '' }, { signal });
    if (uid === (await this.#owner())) return found;
    throw new Failure('refused', `The mount at ${found.mount.mountpoint} is of another person's Disk`, {
      path: text,
      hint: `This login is not the one that it is mounted with (${account}). Name that with --account.`,
    });
  }

  #owner(): Promise<string> {
    const { tokens, stateFolder } = this.#options;
    this.#uid ??= uidOfToken(this.api, tokens, stateFolder, this.signal);
    return this.#uid;
  }
}

/** The login of the mount that a PATH lies in; undefined where that is the usual one, or there is no such mount. */
export async function accountOfMount(
  text: string,
  disks: MountedDisks,
  usualAccount: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (text.startsWith('disk:')) return undefined;
  try {
    const { mount } = await findPlace(text, disks);
    const { account } = await askMount(mount, { command: 'locate', place: '' }, { signal });
    return account === usualAccount ? undefined : account;
  } catch (error) {
    // Whoever works with the path is told.
    if (signal.aborted || !(error instanceof Failure)) throw error;
    return undefined;
  }
}
