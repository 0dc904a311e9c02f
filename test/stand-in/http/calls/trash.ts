import { formatPath } from '../../model/path.ts';
import { Refusal } from '../../model/refusal.ts';
import {
  emptyTrash,
  removeForGood,
  requireRestorable,
  restoreNode,
  trashedItem,
} from '../../model/removal.ts';
import { see } from '../../model/views.ts';
import { operationReply, resourceLinkReply } from '../links.ts';
import { emptyReply, jsonReply } from '../replies.ts';
import { renderResource } from '../resource.ts';
import type { Call, Endpoint } from '../service.ts';
import { pagingOf, showingOf } from './showing.ts';
import { takesTime } from './writing.ts';

/** The path of a trash call; a path without scheme counts from the trash. */
function trashPath(call: Call) {
  const path = call.query.path();
  if (path.area === 'trash') return path;
  if (/^disk:/.test(call.query.text('path') ?? '')) throw new Refusal('DiskNotFoundError', formatPath(path));
  return { area: 'trash', names: path.names } as const;
}

const trashGet: Endpoint = {
  route: 'trash.get',
  method: 'GET',
  path: '/trash/resources',
  needs: 'read',
  run: async (call) => {
    const node = see(call.service.disk, trashPath(call));
    return jsonReply(200, await renderResource(node, showingOf(call), pagingOf(call)));
  },
};

const trashDelete: Endpoint = {
  route: 'trash.delete',
  method: 'DELETE',
  path: '/trash/resources',
  needs: 'write',
  run: (call) => {
    const { disk, operations } = call.service;
    const forceAsync = call.query.flag('force_async');
    const path = call.query.text('path') ? trashPath(call) : ({ area: 'trash', names: [] } as const);
    operations.requireUnlocked(path);
    const node = path.names.length === 0 ? disk.trash : disk.take(path);
    if (!node) throw new Refusal('DiskNotFoundError', formatPath(path));
    const effect = () => {
      if (node === disk.trash) emptyTrash(disk);
      else removeForGood(disk, node);
    };
    if (forceAsync || takesTime(node)) {
      return operationReply(call, operations.run('trash-delete', [path], disk.totals(node).items, effect));
    }
    effect();
    return emptyReply(204);
  },
};

const trashRestore: Endpoint = {
  route: 'trash.restore',
  method: 'PUT',
  path: '/trash/resources/restore',
  needs: 'write',
  run: (call) => {
    const { disk, operations } = call.service;
    const path = trashPath(call);
    const node = trashedItem(disk, path);
    const name = call.query.text('name');
    const overwrite = call.query.flag('overwrite');
    const target = requireRestorable(disk, node, name, overwrite);
    operations.requireUnlocked(path, target);
    const effect = () => restoreNode(disk, node, name, overwrite);
    if (call.query.flag('force_async') || takesTime(node)) {
      return operationReply(call, operations.run('restore', [path, target], disk.totals(node).items, effect));
    }
    effect();
    return resourceLinkReply(call, 201, target);
  },
};

export const trashEndpoints: readonly Endpoint[] = [trashGet, trashDelete, trashRestore];
