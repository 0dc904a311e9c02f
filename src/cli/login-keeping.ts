import type { AccountStore } from '../auth/account-store.ts';
import { readyToken } from '../auth/environment-token.ts';
import type { OAuthClient } from '../auth/oauth-client.ts';
import { shownText } from '../auth/secret-text.ts';
import type { Person, StoredLogin } from '../auth/stored-login.ts';
import { type DiskSummary, tryToken } from '../daemon/disk-summary.ts';
import { Failure, failedWith } from '../errors.ts';
import { persevere } from './login-device.ts';
import type { LoginTalk } from './login-talk.ts';

interface KeepingOptions {
  readonly store: AccountStore;
  readonly account: string;
  readonly oauth: OAuthClient;
  readonly apiUrl: URL;
  readonly talk: LoginTalk;
  readonly signal: AbortSignal;
}

/**
 * Makes a fresh login the one that is used: asks the Disk whose it is, and stores it.
 * A token that the Disk does not accept is not stored. One that could not be shown to the Disk for want of a network is, unless it
 * might take the place of somebody else's.
 * @throws Failure 'login-needed' or 'refused' by the Disk, 'offline', 'local', 'aborted'
 */
export async function keepLogin(fresh: StoredLogin, options: KeepingOptions): Promise<void> {
  const { store, account, apiUrl, talk, signal } = options;
  const before = await readWhatCanBe(store, account);
  const tokens = readyToken(fresh.accessToken, 'the token');
  let disk: DiskSummary;
  try {
    disk = await persevere(talk, () => tryToken({ apiUrl, tokens, signal }));
  } catch (error) {
    if (failedWith(error, 'login-needed', 'refused')) {
      await withdraw(fresh, options.oauth);
      throw notAccepted(error);
    }
    if (!failedWith(error, 'offline', 'server', 'busy', 'nonsense') || before?.person) throw error;
    await write(fresh, undefined, options);
    throw new Failure(
      error.code,
      `Logged in, but the Disk could not be asked whose it is. ${error.message}`,
      {
        hint: 'The login is stored. `yadiskfs info` shows later whether all is well.',
        cause: error,
      },
    );
  }
  const person = personOf(disk);
  if (person && before?.person && before.person.uid !== person.uid) {
    if (!(await talk.replaces(before.person, person))) {
      await withdraw(fresh, options.oauth);
      throw new Failure('refused', `The account "${account}" is the login of somebody else, and stays so`, {
        hint: 'Keep both with another --account NAME; or replace it with --replace.',
      });
    }
  }
  await write({ ...fresh, ...(person && { person }) }, before?.person?.uid, options);
  talk.done(account, disk);
}

function notAccepted(failure: Failure): Failure {
  if (failure.code === 'refused') return failure;
  return new Failure('login-needed', 'The Disk does not accept this token; nothing was stored', {
    hint: 'Copy it again, or log in with a code: `yadiskfs setup` without --token.',
    cause: failure,
  });
}

async function write(
  login: StoredLogin,
  approvedUid: string | undefined,
  { store, account, talk }: KeepingOptions,
): Promise<void> {
  await store.hold(account, async (held) => {
    const now = await held.read().catch(ignoreDamage);
    const theirs = now?.person?.uid;
    if (theirs !== undefined && theirs !== approvedUid && theirs !== login.person?.uid) {
      throw new Failure('busy', 'Somebody else has just logged in under this name', {
        hint: 'Run `yadiskfs setup` again.',
      });
    }
    await held.write(login);
  });
  talk.stored(account, store.path(account));
}

/** The stored login that is to be replaced. A damaged one is as good as none; one of a later version is not. @throws Failure */
export async function readWhatCanBe(store: AccountStore, account: string): Promise<StoredLogin | undefined> {
  await store.refuseNewer(account);
  return store.read(account).catch(ignoreDamage);
}

/** Writing refuses by itself what must not be overwritten. */
function ignoreDamage(error: unknown): undefined {
  if (!failedWith(error, 'local')) throw error;
  return undefined;
}

export function personOf(disk: DiskSummary): Person | undefined {
  const { uid, login, displayName } = disk;
  if (!uid) return undefined;
  return {
    uid: shownText(uid),
    ...(login && { login: shownText(login) }),
    ...(displayName && { displayName: shownText(displayName) }),
  };
}

/** A token that nobody will use is better dead; but that it could not be withdrawn is no reason to fail otherwise. */
async function withdraw(login: StoredLogin, oauth: OAuthClient): Promise<void> {
  if (!login.app) return;
  try {
    await oauth.revoke(login.app, login.accessToken);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
  }
}
