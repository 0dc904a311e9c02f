import type { Clock } from '../clock.ts';
import type { Random } from '../random.ts';

/** What an application may do, in the words of Yandex OAuth. */
export const allScopes = [
  'cloud_api:disk.info',
  'cloud_api:disk.read',
  'cloud_api:disk.write',
  'cloud_api:disk.app_folder',
  'login:info',
  'login:email',
] as const;
export type Scope = (typeof allScopes)[number];

/** The scopes among words separated by spaces; unknown words are left out. */
export function readScopes(text: string): Scope[] {
  const words = new Set(text.split(/[\s,]+/));
  return allScopes.filter((scope) => words.has(scope));
}

/** An access token and the refresh tokens that go with it. */
export interface Token {
  readonly accessToken: string;
  /** The newest is last; older ones are here only while they are still good. */
  refreshTokens: readonly string[];
  readonly clientId: string;
  /** Only tokens of a device can be revoked. */
  readonly deviceId: string | null;
  readonly scopes: readonly Scope[];
  readonly issuedMs: number;
  expiresMs: number;
}

/** What is known when a token is issued. */
export interface TokenRequest {
  readonly lifeMs: number;
  /** Its text; random unless told. */
  readonly accessToken?: string;
  readonly clientId?: string;
  readonly deviceId?: string | null;
  readonly scopes?: readonly Scope[];
}

/** Documented: the oldest of more tokens for devices dies. */
const maxDeviceTokens = 30;

/** All tokens of the account. */
export class Tokens {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #byAccess = new Map<string, Token>();

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  issue(request: TokenRequest): Token {
    const nowMs = this.#clock.now();
    const token: Token = {
      accessToken: request.accessToken ?? `y0_${this.#random.word(55)}`,
      refreshTokens: [this.#newRefreshToken()],
      clientId: request.clientId ?? '',
      deviceId: request.deviceId ?? null,
      scopes: request.scopes ?? allScopes,
      issuedMs: nowMs,
      expiresMs: nowMs + request.lifeMs,
    };
    this.#byAccess.set(token.accessToken, token);
    const ofDevices = this.list().filter(
      ({ deviceId, clientId }) => deviceId !== null && clientId === token.clientId,
    );
    const oldest = ofDevices[0];
    if (ofDevices.length > maxDeviceTokens && oldest) this.#byAccess.delete(oldest.accessToken);
    return token;
  }

  /** A new refresh token, besides or instead of those before. */
  renewRefreshToken(token: Token, oldOnesDie: boolean): string {
    const refreshToken = this.#newRefreshToken();
    token.refreshTokens = oldOnesDie ? [refreshToken] : [...token.refreshTokens, refreshToken];
    return refreshToken;
  }

  /** A token that is valid now; null for any other. */
  valid(accessToken: string): Token | null {
    const token = this.#byAccess.get(accessToken);
    return token && this.#clock.now() < token.expiresMs ? token : null;
  }

  /** All that were neither revoked nor replaced, oldest first. */
  list(): Token[] {
    return [...this.#byAccess.values()];
  }

  byRefresh(refreshToken: string): Token | null {
    return this.list().find((token) => token.refreshTokens.includes(refreshToken)) ?? null;
  }

  get(accessToken: string): Token | null {
    return this.#byAccess.get(accessToken) ?? null;
  }

  revoke(accessToken: string): void {
    this.#byAccess.delete(accessToken);
  }

  /** Lets this token, or all, expire now. Refresh tokens live on. */
  expire(accessToken?: string): void {
    for (const token of this.#byAccess.values()) {
      if (accessToken === undefined || token.accessToken === accessToken) token.expiresMs = this.#clock.now();
    }
  }

  /** Forgets every token, refresh tokens too: what a changed password does. */
  clear(): void {
    this.#byAccess.clear();
  }

  #newRefreshToken(): string {
    return `1:${this.#random.word(16)}:${this.#random.word(48)}`;
  }
}
