import type { Clock } from '../clock.ts';
import type { Random } from '../random.ts';

/** What an application may do. Words of Yandex OAuth. */
export const allScopes = [
  'cloud_api:disk.info',
  'cloud_api:disk.read',
  'cloud_api:disk.write',
  'cloud_api:disk.app_folder',
  'login:info',
  'login:email',
] as const;
export type Scope = (typeof allScopes)[number];

/** An access token and the refresh token that goes with it. */
export interface Token {
  readonly accessToken: string;
  refreshToken: string;
  readonly clientId: string;
  readonly deviceId: string | null;
  readonly scopes: readonly Scope[];
  readonly issuedMs: number;
  expiresMs: number;
}

/** All tokens of the account. */
export class Tokens {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #byAccess = new Map<string, Token>();

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  /** Issues a token; `accessToken` fixes its text. */
  issue(
    given: Partial<Pick<Token, 'accessToken' | 'clientId' | 'deviceId' | 'scopes'>> & { lifeMs: number },
  ): Token {
    const nowMs = this.#clock.now();
    const token: Token = {
      accessToken: given.accessToken ?? `y0_${this.#random.word(55)}`,
      refreshToken: this.newRefreshToken(),
      clientId: given.clientId ?? '',
      deviceId: given.deviceId ?? null,
      scopes: given.scopes ?? allScopes,
      issuedMs: nowMs,
      expiresMs: nowMs + given.lifeMs,
    };
    this.#byAccess.set(token.accessToken, token);
    return token;
  }

  newRefreshToken(): string {
    return `1:${this.#random.word(16)}:${this.#random.word(48)}`;
  }

  /** A token that is valid now; null for any other. */
  valid(accessToken: string): Token | null {
    const token = this.#byAccess.get(accessToken);
    return token && this.#clock.now() < token.expiresMs ? token : null;
  }

  list(): Token[] {
    return [...this.#byAccess.values()];
  }

  byRefresh(refreshToken: string): Token | null {
    return this.list().find((token) => token.refreshToken === refreshToken) ?? null;
  }

  revoke(accessToken: string): Token | null {
    const token = this.#byAccess.get(accessToken) ?? null;
    this.#byAccess.delete(accessToken);
    return token;
  }

  /** Lets tokens expire now: this one, or all. Refresh tokens live on. */
  expire(accessToken?: string): void {
    for (const token of this.#byAccess.values()) {
      if (accessToken === undefined || token.accessToken === accessToken) token.expiresMs = this.#clock.now();
    }
  }

  /** Forgets every token, refresh tokens too: what a changed password does. */
  clear(): void {
    this.#byAccess.clear();
  }
}
