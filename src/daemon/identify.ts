import { withPatience } from '../async/patience.ts';
import { pause } from '../async/pause.ts';
import type { Api, TokenSource } from '../disk-api/api.ts';
import { readDisk } from '../disk-api/disk.ts';
import type { DiskReply } from '../disk-api/replies.ts';
import { Failure, failedWith } from '../errors.ts';
import { Identities } from './identities.ts';
import { type Log, loggable } from './log.ts';

/** A token may lack the permission to learn whose Disk it is. */
const unnamedUid = 'unnamed';
/** A Disk that does not answer within this time is mounted as it was known, where it is; what it says later is heard by the poller. */
const startPatienceMs = 2_000;
/** How often it is looked whether the token is another one by now. */
const watchIntervalMs = 5_000;

/** The tokens of a mount. */
export interface HeldTokens extends TokenSource {
  /** The one that is there, whether it is still good or not; nobody is asked for another. */
  heldToken(): string;
}

export interface Identity {
  readonly uid: string;
  /** Whatever is listed after this is good for its revision, and files may grow by its quota; undefined off line. */
  readonly disk: DiskReply | undefined;
}

/**
 * Whose Disk it is, as the Disk says, or off line as it said the last time; with all else that came with the same request.
 * @throws Failure 'login-needed', 'refused', and 'offline' and its like where nothing is known of the token
 */
export async function identify(
  api: Api,
  tokens: HeldTokens,
  stateFolder: string,
  log: Log,
  signal: AbortSignal,
): Promise<Identity> {
  const identities = new Identities(stateFolder);
  const token = tokens.heldToken();
  const knownUid = await identities.uidOf(token);
  try {
    const asked = readDisk(api, { signal });
    const disk = await (knownUid === undefined ? asked : withPatience(asked, startPatienceMs, tooLate));
    log.info({ login: disk.user?.login }, 'the Disk answers');
    const uid = disk.user?.uid ?? unnamedUid;
    await identities.remember(tokens.heldToken(), uid).catch((error: unknown) => {
      log.warn(
        loggable(error),
        'whose login it is could not be noted: without a network it cannot be mounted',
      );
    });
    return { uid, disk };
  } catch (error) {
    if (!failedWith(error, 'offline', 'server', 'busy', 'nonsense')) throw error;
    if (knownUid === undefined) throw error.code === 'offline' ? neverMounted(error) : error;
    log.warn(loggable(error), 'the Disk does not answer; what is known of it is shown');
    return { uid: knownUid, disk: undefined };
  }
}

/** Here no drive goes on by itself. */
function neverMounted(error: Failure): Failure {
  return new Failure('offline', error.message, {
    path: error.path,
    hint: 'Check the network. The first mount of a login asks the Disk whose it is; later ones begin without a network, too.',
    cause: error,
  });
}

function tooLate(): never {
  throw new Failure('offline', `No answer in ${startPatienceMs / 1000} s`);
}

/** Notes whose a token is that was renewed, or stored by a new login, while the Disk is mounted: the next mount may have to start without a network. */
export class TokenWatch {
  readonly #api: Api;
  readonly #tokens: HeldTokens;
  readonly #identities: Identities;
  readonly #uid: string;
  #noted: string;

  constructor(api: Api, tokens: HeldTokens, stateFolder: string, uid: string) {
    this.#api = api;
    this.#tokens = tokens;
    this.#identities = new Identities(stateFolder);
    this.#uid = uid;
    this.#noted = tokens.heldToken();
  }

  /** Until the signal fires. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await pause(watchIntervalMs, signal);
        const token = this.#tokens.heldToken();
        if (token !== this.#noted) await this.#note(token, signal);
      } catch (error) {
        // Next time, then.
        if (!signal.aborted && !(error instanceof Failure)) throw error;
      }
    }
  }

  /** The Disk itself says whose it is: the answer must have come with this token. */
  async #note(token: string, signal: AbortSignal): Promise<void> {
    const disk = await readDisk(this.#api, { signal, priority: 'background' });
    if (token !== this.#tokens.heldToken()) return;
    if ((disk.user?.uid ?? unnamedUid) === this.#uid)
      await this.#identities.remember(token, this.#uid).catch(() => {});
    this.#noted = token;
  }
}

/** Whose token it is, for a command: as it was noted, or as the Disk says. @throws Failure as `readDisk` */
export async function uidOfToken(
  api: Api,
  tokens: TokenSource,
  stateFolder: string,
  signal: AbortSignal,
): Promise<string> {
  const token = await tokens.accessToken();
  const noted = token === undefined ? undefined : await new Identities(stateFolder).uidOf(token);
  return noted ?? (await readDisk(api, { signal })).user?.uid ?? unnamedUid;
}
