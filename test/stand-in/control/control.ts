import { z } from 'zod';
import type { Service } from '../http/service.ts';
import { Model } from '../model/model.ts';
import type { Operation } from '../model/operations.ts';
import { parsePath } from '../model/path.ts';
import { Refusal } from '../model/refusal.ts';
import type { Scope, Token, TokenRequest } from '../oauth/tokens.ts';
import { plantSeed, type Seed, seedSchema } from '../seed.ts';
import { changeSettings, completeSettings, type SettingsInput } from '../settings.ts';
import type { Wire } from '../wire/index.ts';
import { entriesOf, type TreeEntry, type TreeState, treeState } from './tree.ts';

const stateSchema = z.strictObject({
  settings: z.record(z.string(), z.unknown()).optional(),
  entries: seedSchema.shape.entries.optional(),
  /** Tokens that are valid besides the stand-in's own. */
  tokens: z.array(z.strictObject({ accessToken: z.string(), deviceId: z.string().optional() })).optional(),
});

/** A described state of the whole stand-in. What is not described is as it was at the start. */
export type DescribedState = z.input<typeof stateSchema>;

/** The strings to pull, in the process of the stand-in. Over HTTP: control/endpoints.ts. */
export class Control {
  /** The Disk as another client changes it. */
  readonly model: Model;
  /** Delays, faults, gates, statistics, cuts: see wire/index.ts. */
  readonly wire: Wire;
  readonly #service: Service;
  readonly #ownToken: string;
  readonly #firstSettings: SettingsInput;

  constructor(service: Service, ownToken: string) {
    this.#service = service;
    this.#ownToken = ownToken;
    this.#firstSettings = { ...service.settings };
    this.model = new Model(service.disk);
    this.wire = service.wire;
  }

  /** Changes some settings. @throws ZodError, and then nothing is changed. */
  set(changes: SettingsInput): void {
    const { disk, settings } = this.#service;
    const { nameComparison } = settings;
    changeSettings(settings, changes);
    if (settings.nameComparison !== nameComparison) disk.rekey();
  }

  /** Moves the Disk's clock forward, and lets happen what is due then. */
  advance(ms: number): void {
    this.#service.clock.advance(ms);
    this.#service.disk.settle();
  }

  /** Everything as it really is, with true hashes. */
  tree(options: { readonly hashes?: boolean | undefined } = {}): Promise<TreeState> {
    return treeState(this.#service.disk, options.hashes ?? true);
  }

  /** Everything beneath a folder as it really is, with the hashes that are known; none where there is no folder. */
  async beneath(path: string): Promise<readonly TreeEntry[]> {
    const folder = this.model.find(path);
    return folder?.kind === 'dir' ? entriesOf(this.#service.disk, folder, false) : [];
  }

  /** Access tokens expire now: one, or all. Refresh tokens live on. */
  expireTokens(accessToken?: string): void {
    this.#service.tokens.expire(accessToken);
  }

  /** Every token dies, refresh tokens too: a changed password. */
  revokeAllTokens(): void {
    this.#service.tokens.clear();
  }

  /** A new token, valid at once. */
  issueToken(request: Partial<TokenRequest> = {}): Token {
    const { tokens, settings } = this.#service;
    return tokens.issue({ lifeMs: settings.accessTokenLifeMs, clientId: settings.clientId, ...request });
  }

  /** Download links issued so far die: all, or those of one file. @throws Refusal 404. */
  expireLinks(path?: string): void {
    const node = path === undefined ? undefined : this.model.find(path);
    if (path !== undefined && !node) throw new Refusal('DiskNotFoundError', path);
    this.#service.links.expire(node?.serial);
  }

  /** Upload links that were not used yet die. */
  expireUploads(): void {
    this.#service.uploads.expire();
  }

  /** Locks a path against changes by clients, for a time or until the answer is called. */
  lock(path: string, forMs: number | null = null): () => void {
    return this.#service.operations.lock(parsePath(path), forMs);
  }

  unlockAll(): void {
    this.#service.operations.unlockAll();
  }

  /** Every operation that was ever started. */
  operations(): readonly Operation[] {
    this.#service.disk.settle();
    return this.#service.operations.list();
  }

  /** Codes of devices that wait for their user. */
  pendingDevices(): { readonly userCode: string; readonly clientId: string }[] {
    return this.#service.grants.pendingDevices().map(({ userCode, clientId }) => ({ userCode, clientId }));
  }

  /** The user agrees, to all that waits or to one code. @returns how many were answered. */
  approveDevice(userCode?: string, scopes?: readonly Scope[]): number {
    return this.#service.grants.answerDevice('approved', userCode, scopes);
  }

  /** The user says no. */
  denyDevice(userCode?: string): number {
    return this.#service.grants.answerDevice('denied', userCode);
  }

  /** The verification page shows a code of seven digits. @param challenge the S256 challenge of PKCE. */
  confirmationCode(challenge: string | null = null): string {
    return this.#service.grants.openCode(challenge);
  }

  /** Adds what a seed describes. @throws ZodError or Refusal. */
  plant(seed: Seed): void {
    plantSeed(this.model, seed);
  }

  /**
   * Puts everything into a described state: of what was, neither files nor links, operations nor faults are left.
   * @throws ZodError, and then nothing is changed.
   */
  reset(state: DescribedState = {}): void {
    const { settings: changes, tokens: extra } = stateSchema.parse(state);
    const next = completeSettings({ ...this.#firstSettings, ...changes });
    const { operations, tokens, links, uploads, settings, disk } = this.#service;
    disk.settle();
    disk.timeline.clear();
    operations.clear();
    uploads.expire();
    links.expire();
    this.#quietWire();
    this.model.clear();
    Object.assign(settings, next);
    disk.rekey();
    tokens.clear();
    this.issueToken({ accessToken: this.#ownToken });
    for (const { accessToken, deviceId } of extra ?? []) {
      this.issueToken({ accessToken, deviceId: deviceId ?? null });
    }
    if (state.entries) plantSeed(this.model, { entries: state.entries });
  }

  #quietWire(): void {
    this.wire.faults.clear();
    this.wire.clearFaultLog();
    for (const gate of this.wire.gates()) gate.release();
    this.wire.statistics.reset();
    this.wire.requestLog.clear();
  }
}
