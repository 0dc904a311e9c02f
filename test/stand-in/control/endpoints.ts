import { z } from 'zod';
import { readPropertyChanges } from '../model/properties.ts';
import { Refusal } from '../model/refusal.ts';
import { readScopes } from '../oauth/tokens.ts';
import {
  arrivalSchema,
  contentSchema,
  declaredSchema,
  givenContent,
  givenTraits,
  type Seed,
  traitsSchema,
} from '../seed.ts';
import type { SettingsInput } from '../settings.ts';
import type { CutOptions, FaultRule, GateRule, SettingsPatch } from '../wire/index.ts';
import {
  cutOptionsSchema,
  faultRuleSchema,
  faultSchema,
  gateRuleSchema,
  settingsPatchSchema,
} from '../wire/index.ts';
import type { Control, DescribedState } from './control.ts';
import { treeEntry } from './tree.ts';

/** What a call of the control interface gets. */
export interface ControlCall {
  readonly control: Control;
  readonly query: URLSearchParams;
  /** The JSON body. Nothing has checked it: an endpoint does, or what it calls. */
  readonly body: unknown;
}

/** Answers JSON, or `Raw` bytes; `undefined` is answered as `{"ok":true}`. */
type Answer = unknown;

/** Bytes in place of JSON. */
export class Raw {
  readonly bytes: Buffer;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }
}

const path = z.string();
const byOwner = z.boolean().optional();
const overwrite = z.boolean().optional();
const onlyPath = z.strictObject({ path });

const putSchema = contentSchema.extend(traitsSchema.shape).extend(arrivalSchema.shape).extend({ path });
const mkdirSchema = z.strictObject({ path, parents: z.boolean().optional(), byOwner });
const declareSchema = z.strictObject({ path, declared: declaredSchema });
const moveSchema = z.strictObject({ from: path, to: path, overwrite, byOwner });
const copySchema = z.strictObject({ from: path, to: path, overwrite });
const removeSchema = z.strictObject({ path, permanently: z.boolean().optional(), byOwner });
const restoreSchema = z.strictObject({ path, name: z.string().optional(), overwrite });
const patchSchema = z.strictObject({ path, properties: z.unknown() });
const publishSchema = z.strictObject({
  path,
  settings: z.record(z.string(), z.unknown()).optional(),
  publicKey: z.string().optional(),
  publicUrl: z.string().optional(),
});
const touchSchema = traitsSchema.extend({ path });
const clockSchema = z.strictObject({ advanceMs: z.number().min(0) });
const tokenSchema = z.strictObject({
  accessToken: z.string().optional(),
  deviceId: z.string().optional(),
  scopes: z.string().optional(),
  lifeMs: z.number().optional(),
});
const expireTokensSchema = z.strictObject({ accessToken: z.string().optional() });
const expireLinksSchema = z.strictObject({ path: path.optional() });
const lockSchema = z.strictObject({ path, forMs: z.number().min(0).nullable().default(null) });
const deviceSchema = z.strictObject({ userCode: z.string().optional(), scopes: z.string().optional() });
const codeSchema = z.strictObject({ challenge: z.string().nullable().default(null) });
const gateIdSchema = z.strictObject({ id: z.string(), exchangeId: z.int().optional() });
const rejectSchema = gateIdSchema.extend({ fault: faultSchema });
function gateOf(control: Control, id: string | null) {
  const gate = control.wire.gate(id ?? '');
  if (!gate) throw new Refusal('NotFoundError');
  return gate;
}

/** Every call of the control interface, by method and path below `/control`. */
export const controlEndpoints: Readonly<Record<string, (call: ControlCall) => Answer | Promise<Answer>>> = {
  'GET /': () => ({ calls: Object.keys(controlEndpoints) }),

  // The Disk as another client sees and changes it.
  'GET /tree': ({ control, query }) => control.tree({ hashes: query.get('hashes') !== 'false' }),
  'GET /beneath': ({ control, query }) => control.beneath(query.get('path') ?? ''),
  'GET /entry': ({ control, query }) => {
    const node = control.model.find(query.get('path') ?? '');
    if (!node) throw new Refusal('DiskNotFoundError', query.get('path') ?? '');
    return treeEntry(control.model.disk, node);
  },
  'GET /read': ({ control, query }) => new Raw(control.model.read(query.get('path') ?? '')),
  'POST /put': ({ control, body }) => {
    const { path: at, finalAfterMs, seenLateMs, byOwner: owner, parents, ...rest } = putSchema.parse(body);
    const { text, base64, synthetic, ...traits } = rest;
    const arrival = { finalAfterMs, seenLateMs, byOwner: owner, parents };
    const content = givenContent({ text, base64, synthetic });
    control.model.putFile(at, content, { ...givenTraits(traits), ...arrival });
  },
  'POST /mkdir': ({ control, body }) => {
    const { path: at, ...options } = mkdirSchema.parse(body);
    control.model.mkdir(at, options);
  },
  'POST /declare': ({ control, body }) => {
    const { path: at, declared } = declareSchema.parse(body);
    control.model.declare(at, declared);
  },
  'POST /move': ({ control, body }) => {
    const { from, to, ...options } = moveSchema.parse(body);
    control.model.move(from, to, options);
  },
  'POST /copy': ({ control, body }) => {
    const { from, to, ...options } = copySchema.parse(body);
    control.model.copy(from, to, options);
  },
  'POST /delete': ({ control, body }) => {
    const { path: at, ...options } = removeSchema.parse(body);
    control.model.remove(at, options);
  },
  'POST /restore': ({ control, body }) => {
    const { path: at, ...options } = restoreSchema.parse(body);
    control.model.restore(at, options);
  },
  'POST /empty-trash': ({ control }) => control.model.emptyTrash(),
  'POST /patch': ({ control, body }) => {
    const { path: at, properties } = patchSchema.parse(body);
    control.model.patch(at, readPropertyChanges(properties));
  },
  'POST /publish': ({ control, body }) => {
    const { path: at, ...options } = publishSchema.parse(body);
    const { publicKey, publicUrl } = control.model.publish(at, options);
    return { publicKey, publicUrl };
  },
  'POST /unpublish': ({ control, body }) => control.model.unpublish(onlyPath.parse(body).path),
  'POST /touch': ({ control, body }) => {
    const { path: at, revision, ...traits } = touchSchema.parse(body);
    control.model.touch(at, { ...givenTraits(traits), revision });
  },
  'POST /seed': ({ control, body }) => control.plant(body as Seed),
  'POST /state': ({ control, body }) => control.reset((body ?? {}) as DescribedState),

  // What it is like.
  'GET /settings': ({ control }) => control.model.disk.settings,
  'PATCH /settings': ({ control, body }) => {
    control.set(body as SettingsInput);
    return control.model.disk.settings;
  },
  'GET /clock': ({ control }) => ({ nowMs: control.model.disk.clock.now() }),
  'POST /clock': ({ control, body }) => {
    control.advance(clockSchema.parse(body).advanceMs);
    return { nowMs: control.model.disk.clock.now() };
  },
  'GET /operations': ({ control }) => control.operations(),
  'POST /lock': ({ control, body }) => {
    const { path: at, forMs } = lockSchema.parse(body);
    control.lock(at, forMs);
  },
  'POST /unlock': ({ control }) => control.unlockAll(),

  // Tokens and links.
  'POST /tokens': ({ control, body }) => {
    const { accessToken, deviceId, scopes, lifeMs } = tokenSchema.parse(body ?? {});
    return control.issueToken({
      ...(accessToken !== undefined && { accessToken }),
      ...(deviceId !== undefined && { deviceId }),
      ...(scopes !== undefined && { scopes: readScopes(scopes) }),
      ...(lifeMs !== undefined && { lifeMs }),
    });
  },
  'POST /tokens/expire': ({ control, body }) =>
    control.expireTokens(expireTokensSchema.parse(body ?? {}).accessToken),
  'POST /tokens/revoke-all': ({ control }) => control.revokeAllTokens(),
  'POST /links/expire': ({ control, body }) => control.expireLinks(expireLinksSchema.parse(body ?? {}).path),
  'POST /uploads/expire': ({ control }) => control.expireUploads(),
  'GET /devices': ({ control }) => control.pendingDevices(),
  'POST /devices/approve': ({ control, body }) => {
    const { userCode, scopes } = deviceSchema.parse(body ?? {});
    return {
      answered: control.approveDevice(userCode, scopes === undefined ? undefined : readScopes(scopes)),
    };
  },
  'POST /devices/deny': ({ control, body }) => ({
    answered: control.denyDevice(deviceSchema.parse(body ?? {}).userCode),
  }),
  'POST /codes': ({ control, body }) => ({
    code: control.confirmationCode(codeSchema.parse(body ?? {}).challenge),
  }),

  // The network.
  'GET /statistics': ({ control }) => control.wire.statistics.snapshot(),
  'POST /statistics/reset': ({ control }) => control.wire.statistics.reset(),
  'GET /requests': ({ control }) => control.wire.requestLog.list(),
  'POST /requests/clear': ({ control }) => control.wire.requestLog.clear(),
  'GET /wire': ({ control }) => control.wire.describe(),
  'PATCH /wire': ({ control, body }) =>
    control.wire.configure(settingsPatchSchema.parse(body) as SettingsPatch),
  'POST /network/cut': ({ control, body }) =>
    control.wire.cut(cutOptionsSchema.parse(body ?? {}) as CutOptions),
  'POST /network/restore': ({ control }) => control.wire.restore(),
  'GET /faults': ({ control }) => ({ rules: control.wire.faults.list(), happened: control.wire.faultLog }),
  'POST /faults': ({ control, body }) => ({
    id: control.wire.faults.add(faultRuleSchema.parse(body) as FaultRule),
  }),
  'DELETE /faults': ({ control, query }) => {
    const id = query.get('id');
    if (id === null) control.wire.faults.clear();
    else if (!control.wire.faults.remove(id)) throw new Refusal('NotFoundError');
  },
  'GET /gates': ({ control }) => control.wire.gates().map((gate) => gate.describe()),
  'POST /gates': ({ control, body }) => ({
    id: control.wire.hold(gateRuleSchema.parse(body) as GateRule).id,
  }),
  'GET /gates/arrived': async ({ control, query }) => {
    const gate = gateOf(control, query.get('id'));
    const exchange = await gate.arrived(Number(query.get('nth') ?? 1));
    return { exchangeId: exchange.id, route: exchange.route, path: exchange.path };
  },
  'POST /gates/release': ({ control, body }) => {
    const { id, exchangeId } = gateIdSchema.parse(body);
    gateOf(control, id).release(exchangeId);
  },
  'POST /gates/reject': ({ control, body }) => {
    const { id, exchangeId, fault } = rejectSchema.parse(body);
    gateOf(control, id).reject(fault, exchangeId);
  },
};
