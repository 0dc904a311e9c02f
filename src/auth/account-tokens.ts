import { Failure, failedWith } from '../errors.ts';
import { defaultAccount } from './account-name.ts';
import type { AccountStore, HeldAccount } from './account-store.ts';
import type { OAuthClient } from './oauth-client.ts';
import { loginNeeded, renewedLogin } from './renewal.ts';
import { type Person, type StoredLogin, sameTokens } from './stored-login.ts';

/** What whoever keeps a log may want to know. */
export type TokenNotice =
  | { readonly kind: 'renewed'; readonly expiresAt: string | undefined }
  /** Another process stored other tokens: a `setup`, or a mount that renewed them. */
  | { readonly kind: 'heard' }
  /** The old token goes on working for now. */
  | { readonly kind: 'not-renewed' | 'not-saved' | 'not-read'; readonly failure: Failure }
  | { readonly kind: 'lost'; readonly failure: Failure };

interface AccountTokensOptions {
  readonly store: AccountStore;
  readonly account: string;
  readonly oauth: OAuthClient;
  readonly onNotice: (notice: TokenNotice) => void;
  readonly clock?: Clock;
}

interface Clock {
  /** Milliseconds that only go forward. */
  now(): number;
  /** Milliseconds since 1970, as the calendar has it. */
  date(): number;
}

const machineClock: Clock = { now: () => performance.now(), date: () => Date.now() };

/** How often the file is looked at: by a mount that works, and by one that waits for a login. */
const lookEveryMs = 2_000;
const lookWhenLostEveryMs = 250;

/** A renewal is due when this much of its life is left to a token, or a tenth of it if that is less. */
const renewBeforeMs = 30 * 86_400_000;
/** How long a renewal that failed for want of a connection, or was refused, is left alone while the old token works. */
const renewAgainMs = 3600_000;
/** A 401 so soon after a renewal is an answer to an earlier request, or nothing that one more renewal would mend. */
const freshMs = 60_000;
/** A refused login is tried once more after so long, in case that was a mistake at the other side; each time twice as long. */
const firstRevivalMs = 60_000;
const longestRevivalMs = 3600_000;

/**
 *            renewed, or the file has new tokens
 *            ┌────┐
 *            │    ▼   file gone, somebody else's, or 401 and not renewable
 *            └── good ───────────────────────────────────────────────────► lost
 *                 ▲                the file has new tokens                  │
 *                 └─────────────────────────────────────────────────────────┘
 */
type State =
  | { readonly kind: 'good'; readonly login: StoredLogin }
  | {
      readonly kind: 'lost';
      /** The last one. */
      readonly login: StoredLogin;
      readonly why: 'refused' | 'gone' | 'not-theirs';
      readonly failure: Failure;
      readonly sinceMs: number;
    };

/**
 * The tokens of a stored account, for as long as a process lives; fits the client's `TokenSource`.
 *
 * The file is the truth and several processes share it. So it is looked at again every few seconds, a renewal is made under its lock and
 * only if nobody else has made one, and the new tokens are written before they are used: the refresh token is another one after
 * each renewal. It stays with one person: a login of somebody else under the same name is not taken.
 */
export class AccountTokens {
  readonly #options: AccountTokensOptions;
  readonly #clock: Clock;
  #person: Person | undefined;
  #state: State;
  #stamp: string | undefined;
  #lookedAtMs: number;
  #looking: Promise<void> | undefined;
  #renewing: Promise<void> | undefined;
  #renewedAtMs = Number.NEGATIVE_INFINITY;
  #renewNotBeforeMs = Number.NEGATIVE_INFINITY;
  #revivalMs = firstRevivalMs;
  #told = '';
  /** Tokens that could not be written, and what the file held then. */
  #unsaved: { readonly base: StoredLogin; readonly login: StoredLogin } | undefined;

  private constructor(options: AccountTokensOptions, login: StoredLogin, stamp: string) {
    this.#options = options;
    this.#clock = options.clock ?? machineClock;
    this.#person = login.person;
    this.#state = { kind: 'good', login };
    this.#stamp = stamp;
    this.#lookedAtMs = this.#clock.now();
  }

  /** @throws Failure 'login-needed' when nobody has logged in under this name, else as `AccountStore.read` */
  static async open(options: AccountTokensOptions): Promise<AccountTokens> {
    const found = await options.store.readStamped(options.account);
    if (!found) throw await notLoggedIn(options);
    return new AccountTokens(options, found.login, found.stamp);
  }

  /** The last one that was good, as far as is known here. */
  heldToken(): string {
    return this.#state.login.accessToken;
  }

  /** @throws Failure 'login-needed' when only a new login helps */
  async accessToken(): Promise<string> {
    await this.#lookAtFile();
    if (this.#state.kind === 'good') {
      const leftMs = this.#lifeLeftMs(this.#state.login);
      if (leftMs <= 0) await this.#renewIfPossible();
      else if (this.#isDue(this.#state.login, leftMs)) void this.#renewIfPossible();
    }
    if (this.#state.kind === 'lost') throw this.#state.failure;
    return this.#state.login.accessToken;
  }

  /**
   * The API host did not accept this token.
   * @returns whether another try makes sense, with what `accessToken` gives then
   * @throws Failure 'login-needed' when only a new login helps, 'offline' and its like when the renewal did not come through
   */
  async refused(token: string): Promise<boolean> {
    this.#lookedAtMs = Number.NEGATIVE_INFINITY;
    await this.#lookAtFile();
    if (this.#state.kind === 'lost') throw this.#state.failure;
    if (this.#state.login.accessToken !== token) return true;
    if (this.#clock.now() - this.#renewedAtMs < freshMs) return true;
    await this.#renew(true);
    return true;
  }

  #lifeLeftMs(login: StoredLogin): number {
    return login.expiresAt === undefined
      ? Number.POSITIVE_INFINITY
      : Date.parse(login.expiresAt) - this.#clock.date();
  }

  #isDue(login: StoredLogin, leftMs: number): boolean {
    if (login.expiresAt === undefined || login.refreshToken === undefined) return false;
    const lifeMs = Date.parse(login.expiresAt) - Date.parse(login.obtainedAt);
    return leftMs < Math.min(renewBeforeMs, lifeMs / 10) && this.#clock.now() >= this.#renewNotBeforeMs;
  }

  /**
   * A renewal that nobody insists on: the server has the last word on whether the old token is good, and our clock may be wrong.
   * Never rejects: nobody may be there to hear it.
   */
  async #renewIfPossible(): Promise<void> {
    if (this.#clock.now() < this.#renewNotBeforeMs) return;
    try {
      await this.#renew(false);
    } catch (error) {
      const failure =
        error instanceof Failure
          ? error
          : new Failure('local', 'The login could not be renewed: a mistake in the program', {
              cause: error,
            });
      this.#renewNotBeforeMs = this.#clock.now() + renewAgainMs;
      this.#tell({ kind: 'not-renewed', failure });
    }
  }

  /** One renewal for all who want it. `needed`: the old token is known to be dead. */
  async #renew(needed: boolean): Promise<void> {
    const { store, account } = this.#options;
    this.#renewing ??= store
      .hold(account, (held) => this.#renewHeld(held))
      .finally(() => {
        this.#renewing = undefined;
      });
    try {
      await this.#renewing;
    } catch (error) {
      if (needed && failedWith(error, 'login-needed')) this.#lose('refused', error);
      throw error;
    }
  }

  async #renewHeld(held: HeldAccount): Promise<void> {
    const { account, oauth, store } = this.#options;
    const stored = await held.read();
    const base = this.#withUnsaved(stored);
    const ours = this.#state.login;
    if (!base || !sameTokens(base, ours)) {
      this.#adopt(base);
      if (this.#state.kind === 'lost') throw this.#state.failure;
      return;
    }
    const login = await renewedLogin(oauth, base, account, this.#clock.date());
    try {
      await held.write(login);
      this.#unsaved = undefined;
      this.#stamp = await store.stamp(account);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      this.#unsaved = { base: stored ?? base, login };
      this.#tell({ kind: 'not-saved', failure: error });
    }
    this.#state = { kind: 'good', login };
    this.#renewedAtMs = this.#clock.now();
    this.#renewNotBeforeMs = Number.NEGATIVE_INFINITY;
    this.#revivalMs = firstRevivalMs;
    this.#tell({ kind: 'renewed', expiresAt: login.expiresAt });
  }

  async #lookAtFile(): Promise<void> {
    const everyMs = this.#state.kind === 'good' ? lookEveryMs : lookWhenLostEveryMs;
    if (!this.#looking && this.#clock.now() - this.#lookedAtMs < everyMs) return;
    this.#looking ??= this.#look().finally(() => {
      this.#lookedAtMs = this.#clock.now();
      this.#looking = undefined;
    });
    await this.#looking;
  }

  /** A file that cannot be read is no reason to stop working with a token that works. */
  async #look(): Promise<void> {
    const { store, account } = this.#options;
    try {
      if (this.#unsaved) await store.hold(account, (held) => this.#save(held));
      const stamp = await store.stamp(account);
      if (stamp === this.#stamp && stamp !== undefined) {
        this.#revive();
        return;
      }
      const found = await store.readStamped(account);
      this.#stamp = found?.stamp;
      this.#adopt(this.#withUnsaved(found?.login));
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      this.#tell({ kind: 'not-read', failure: error });
    }
  }

  async #save(held: HeldAccount): Promise<void> {
    const stored = await held.read();
    const unsaved = this.#unsaved;
    if (!unsaved) return;
    if (stored && sameTokens(stored, unsaved.base)) await held.write(unsaved.login);
    this.#unsaved = undefined;
  }

  /** What the file holds, or would hold if it could have been written. */
  #withUnsaved(stored: StoredLogin | undefined): StoredLogin | undefined {
    return stored && this.#unsaved && sameTokens(stored, this.#unsaved.base) ? this.#unsaved.login : stored;
  }

  #adopt(login: StoredLogin | undefined): void {
    const { account } = this.#options;
    if (!login) {
      this.#lose('gone', loginNeeded('Logged out', account));
      return;
    }
    if (this.#person !== undefined && login.person?.uid !== this.#person.uid) {
      const now = `The account "${account}" now belongs to somebody else`;
      const hint = 'Log in again as the first one with `yadiskfs setup`, or unmount and mount again.';
      this.#lose('not-theirs', new Failure('login-needed', now, { hint }));
      return;
    }
    this.#person ??= login.person;
    const known = sameTokens(login, this.#state.login);
    if (known && (this.#state.kind === 'good' || this.#state.why === 'refused')) return;
    this.#state = { kind: 'good', login };
    this.#renewedAtMs = Number.NEGATIVE_INFINITY;
    this.#renewNotBeforeMs = Number.NEGATIVE_INFINITY;
    this.#revivalMs = firstRevivalMs;
    this.#tell({ kind: 'heard' });
  }

  #lose(why: 'refused' | 'gone' | 'not-theirs', failure: Failure): void {
    if (this.#state.kind === 'lost' && this.#state.why === why) return;
    this.#state = { kind: 'lost', login: this.#state.login, why, failure, sinceMs: this.#clock.now() };
    this.#tell({ kind: 'lost', failure });
  }

  #revive(): void {
    const state = this.#state;
    if (state.kind !== 'lost' || state.why !== 'refused') return;
    if (this.#clock.now() - state.sinceMs < this.#revivalMs) return;
    this.#revivalMs = Math.min(longestRevivalMs, this.#revivalMs * 2);
    this.#state = { kind: 'good', login: state.login };
  }

  /** What was told last is not told again. */
  #tell(notice: TokenNotice): void {
    const text = `${notice.kind} ${'failure' in notice ? notice.failure.message : ''}`;
    if (text === this.#told && 'failure' in notice) return;
    this.#told = text;
    this.#options.onNotice(notice);
  }
}

/** Where there are others, the one that was meant may be among them. */
async function notLoggedIn({ store, account }: AccountTokensOptions): Promise<Failure> {
  const message = 'Not logged in';
  const others = account === defaultAccount ? (await store.list()).map(({ name }) => name) : [];
  if (others.length === 0) return loginNeeded(message, account);
  const hint = `Log in with \`yadiskfs setup\`, or name a login that is stored: --account ${others.join(', ')}`;
  return new Failure('login-needed', message, { hint });
}
