import { createHash } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { Random } from '../random.ts';
import type { Settings } from '../settings.ts';
import { allScopes, type Scope } from './tokens.ts';

/** A device that waits for its user. */
export interface DeviceGrant {
  readonly deviceCode: string;
  readonly userCode: string;
  readonly clientId: string;
  readonly deviceId: string | null;
  readonly askedScopes: readonly Scope[];
  readonly expiresMs: number;
  /** Fewer than asked if the user says so. */
  grantedScopes: readonly Scope[];
  state: 'pending' | 'approved' | 'denied' | 'used';
  polls: number;
  lastPollMs: number | null;
}

/** A code that a user typed over from the verification page. */
interface CodeGrant {
  readonly code: string;
  readonly challenge: string | null;
  readonly expiresMs: number;
}

/** Documented: a confirmation code lives for ten minutes. */
const confirmationLifeMs = 10 * 60_000;

/** Everything that waits to become a token. */
export class Grants {
  readonly #settings: Settings;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #devices = new Map<string, DeviceGrant>();
  readonly #codes = new Map<string, CodeGrant>();

  constructor(settings: Settings, clock: Clock, random: Random) {
    this.#settings = settings;
    this.#clock = clock;
    this.#random = random;
  }

  openDevice(clientId: string, deviceId: string | null, scopes: readonly Scope[]): DeviceGrant {
    const askedScopes = scopes.length > 0 ? scopes : allScopes;
    const grant: DeviceGrant = {
      deviceCode: this.#random.hex(32),
      userCode: this.#random.word(8),
      clientId,
      deviceId,
      askedScopes,
      expiresMs: this.#clock.now() + this.#settings.deviceCodeLifeMs,
      grantedScopes: askedScopes,
      state: 'pending',
      polls: 0,
      lastPollMs: null,
    };
    this.#devices.set(grant.deviceCode, grant);
    return grant;
  }

  device(deviceCode: string): DeviceGrant | undefined {
    return this.#devices.get(deviceCode);
  }

  /** What users are asked about at the moment, oldest first. */
  pendingDevices(): DeviceGrant[] {
    const nowMs = this.#clock.now();
    return [...this.#devices.values()].filter(
      ({ state, expiresMs }) => state === 'pending' && nowMs < expiresMs,
    );
  }

  /**
   * The user answers at the verification page: for one code, or for whatever waits.
   * @returns how many were answered.
   */
  answerDevice(answer: 'approved' | 'denied', userCode?: string, scopes?: readonly Scope[]): number {
    const answered = this.pendingDevices().filter(
      (grant) => userCode === undefined || grant.userCode === userCode.toLowerCase(),
    );
    for (const grant of answered) {
      grant.state = answer;
      if (scopes) grant.grantedScopes = scopes;
    }
    return answered.length;
  }

  /** The page shows a code of seven digits. `challenge` is the S256 one of PKCE. */
  openCode(challenge: string | null = null): string {
    const code = String(1_000_000 + this.#random.below(9_000_000));
    this.#codes.set(code, { code, challenge, expiresMs: this.#clock.now() + confirmationLifeMs });
    return code;
  }

  /** Uses up a code. @returns `verified` when its PKCE challenge was met, null for a bad code. */
  takeCode(code: string, verifier: string | null): 'plain' | 'verified' | null {
    const grant = this.#codes.get(code);
    this.#codes.delete(code);
    if (!grant || this.#clock.now() >= grant.expiresMs) return null;
    if (grant.challenge === null) return 'plain';
    const hash = createHash('sha256')
      .update(verifier ?? '')
      .digest('base64url');
    return hash === grant.challenge ? 'verified' : null;
  }
}
