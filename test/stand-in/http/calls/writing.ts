import { makeFolder, requireWritable } from '../../model/changes.ts';
import type { Node } from '../../model/nodes.ts';
import { type DiskPath, formatPath } from '../../model/path.ts';
import { readPropertyChanges, setProperties } from '../../model/properties.ts';
import { Refusal } from '../../model/refusal.ts';
import { moveToTrash, removeForGood } from '../../model/removal.ts';
import { copyNode, moveNode, placeForTransfer, type TransferRequest } from '../../model/transfers.ts';
import { visible } from '../../model/views.ts';
import type { Reply } from '../../wire/index.ts';
import { operationReply, resourceLinkReply } from '../links.ts';
import { emptyReply, jsonReply } from '../replies.ts';
import { renderResource } from '../resource.ts';
import type { Call, Endpoint } from '../service.ts';
import { showingOf } from './showing.ts';

/** A node that is going to be changed. @throws Refusal 404, also for one that is not seen yet. */
export function takeSeen(call: Call, path: DiskPath): Node {
  const { disk } = call.service;
  const node = path.area === 'disk' ? disk.take(path) : undefined;
  if (!node || !visible(node, disk.clock.now())) throw new Refusal('DiskNotFoundError', formatPath(path));
  return node;
}

/** The JSON body of a call. @throws Refusal 400. */
export async function jsonBody(call: Call): Promise<unknown> {
  const text = (await call.body()).toString('utf8');
  if (text === '') return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new Refusal('FieldValidationError', 'body');
  }
}

/** The part of a body object that has a name; null where there is none. */
export function bodyPart(body: unknown, name: string): unknown {
  if (body === null || typeof body !== 'object' || Array.isArray(body)) return null;
  return (body as Record<string, unknown>)[name] ?? null;
}

/** Recorded: what is empty is done at once, a folder that holds something takes an operation. */
export function takesTime(node: Node): boolean {
  return node.kind === 'dir' && node.children.count > 0;
}

/** @throws Refusal 403 when the folder that an entry would be put into is not ours to write. */
function requireWritableFolder(call: Call, path: DiskPath): void {
  const folder = call.service.disk.find({ area: path.area, names: path.names.slice(0, -1) });
  if (folder) requireWritable(folder);
}

const makeDirectory: Endpoint = {
  route: 'resources.put',
  method: 'PUT',
  path: '/resources',
  needs: 'write',
  run: (call) => {
    const { disk, operations } = call.service;
    const path = call.query.path();
    requireWritableFolder(call, path);
    operations.requireUnlocked(path);
    const folder = makeFolder(disk, path);
    return resourceLinkReply(call, 201, disk.pathOf(folder));
  },
};

const remove: Endpoint = {
  route: 'resources.delete',
  method: 'DELETE',
  path: '/resources',
  needs: 'write',
  run: async (call) => {
    const { disk, operations, settings } = call.service;
    const path = call.query.path();
    const node = takeSeen(call, path);
    if (!node.parent) throw new Refusal('ForbiddenError');
    requireWritable(node);
    operations.requireUnlocked(path);
    await checkMd5(call, node);
    const permanently = call.query.flag('permanently');
    const effect = () => {
      if (!node.parent) throw new Refusal('DiskNotFoundError', formatPath(path));
      if (permanently) removeForGood(disk, node);
      else moveToTrash(disk, node);
    };
    const asked = call.query.flag('force_async') || (node.kind === 'file' && settings.fileDeleteIsAsync);
    if (asked || takesTime(node)) {
      const operation = operations.run('delete', [path], disk.totals(node).items, effect);
      return operationReply(call, operation);
    }
    effect();
    return emptyReply(204);
  },
};

async function checkMd5(call: Call, node: Node): Promise<void> {
  const md5 = call.query.text('md5');
  if (md5 === null || md5 === '' || node.kind === 'dir' || !call.service.settings.md5GuardsDelete) return;
  const digest = await node.content.hash();
  if (digest.md5 !== md5.toLowerCase()) throw new Refusal('MD5DifferError');
}

const patch: Endpoint = {
  route: 'resources.patch',
  method: 'PATCH',
  path: '/resources',
  needs: 'write',
  run: async (call) => {
    const { disk, operations } = call.service;
    const body = await jsonBody(call);
    if (body === null || typeof body !== 'object' || !('custom_properties' in body)) {
      throw new Refusal('FieldValidationError', 'custom_properties');
    }
    const changes = readPropertyChanges(body.custom_properties);
    const path = call.query.path();
    const node = takeSeen(call, path);
    requireWritable(node);
    operations.requireUnlocked(path);
    setProperties(disk, node, changes);
    return jsonReply(200, await renderResource(node, showingOf(call)));
  },
};

function transfer(call: Call, kind: 'move' | 'copy'): Reply {
  const { disk, operations } = call.service;
  const from = call.query.path('from');
  const to = call.query.path();
  const node = takeSeen(call, from);
  const forceAsync = call.query.flag('force_async');
  const request: TransferRequest = { kind, node, to, overwrite: call.query.flag('overwrite'), forceAsync };
  if (kind === 'move') requireWritable(node);
  requireWritableFolder(call, to);
  operations.requireUnlocked(from, to);
  const place = placeForTransfer(disk, request);
  if (kind === 'copy') requireRoom(call, node);
  const target: DiskPath = { area: 'disk', names: [...disk.pathOf(place.folder).names, place.name] };
  const effect = () => {
    if (!node.parent) throw new Refusal('DiskNotFoundError', formatPath(from));
    const placeNow = placeForTransfer(disk, request);
    if (kind === 'move') moveNode(disk, node, placeNow);
    else copyNode(disk, node, placeNow);
  };
  if (forceAsync || takesTime(node)) {
    const operation = operations.run(kind, [from, to], disk.totals(node).items, effect);
    return operationReply(call, operation);
  }
  effect();
  return resourceLinkReply(call, 201, target);
}

/** @throws Refusal 507 when a copy would not fit. */
export function requireRoom(call: Call, node: Node): void {
  const { disk, settings } = call.service;
  if (disk.totals(node).sizeBytes > disk.freeBytes()) {
    throw new Refusal(settings.quotaError, '', settings.quotaStatus);
  }
}

const copy: Endpoint = {
  route: 'resources.copy',
  method: 'POST',
  path: '/resources/copy',
  needs: 'write',
  run: (call) => transfer(call, 'copy'),
};

const move: Endpoint = {
  route: 'resources.move',
  method: 'POST',
  path: '/resources/move',
  needs: 'write',
  run: (call) => transfer(call, 'move'),
};

export const writingEndpoints: readonly Endpoint[] = [makeDirectory, remove, patch, copy, move];
