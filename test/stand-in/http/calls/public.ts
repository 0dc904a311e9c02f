import { makeFolders } from '../../model/changes.ts';
import type { Node, Publication } from '../../model/nodes.ts';
import { type DiskPath, formatPath, parsePath, splitNames } from '../../model/path.ts';
import { openPublic } from '../../model/publications.ts';
import { Refusal } from '../../model/refusal.ts';
import { copyNode, placeForTransfer } from '../../model/transfers.ts';
import { see, visible } from '../../model/views.ts';
import { pick } from '../fields.ts';
import { linkTo, operationReply, resourceLinkReply } from '../links.ts';
import { jsonReply } from '../replies.ts';
import { renderResource } from '../resource.ts';
import { freePath } from '../save-url.ts';
import type { Call, Endpoint } from '../service.ts';
import { pagingOf, showingOf } from './showing.ts';
import { requireRoom, takesTime } from './writing.ts';

interface Opened {
  readonly root: Node & { publication: Publication };
  readonly node: Node;
  /** Below the public resource, beginning with `/`. */
  readonly innerPath: string;
}

/**
 * What a call reaches through a public key.
 * @throws Refusal 404 for a dead key or path, 403 for a password or where the owner forbids it.
 */
function opened(call: Call): Opened {
  const { disk } = call.service;
  const root = openPublic(disk, call.query.required('public_key'));
  if (root.publication.settings.password) throw new Refusal('DiskSymlinkPasswordRequiredError');
  if (root.publication.settings.read_only) throw new Refusal('ForbiddenError');
  const innerNames = splitNames(call.query.text('path') ?? '');
  const node = see(disk, { area: 'disk', names: [...disk.pathOf(root).names, ...innerNames] });
  return { root, node, innerPath: `/${innerNames.join('/')}` };
}

const publicGet: Endpoint = {
  route: 'public.get',
  method: 'GET',
  path: '/public/resources',
  needs: 'nothing',
  run: async (call) => {
    const paging = pagingOf(call);
    const { root, node } = opened(call);
    root.publication.views += 1;
    const publicRoot = { node: root, publicKey: root.publication.publicKey };
    return jsonReply(200, await renderResource(node, { ...showingOf(call), publicRoot }, paging));
  },
};

const publicDownload: Endpoint = {
  route: 'public.download-link',
  method: 'GET',
  path: '/public/resources/download',
  needs: 'nothing',
  run: async (call) => {
    const { links } = call.service;
    const { root, node, innerPath } = opened(call);
    const publicHash = `${root.publication.publicKey}:${innerPath === '/' ? '' : innerPath}`;
    const href =
      node.kind === 'dir'
        ? links.folderHref(node, node.name, publicHash)
        : links.fileHref(node, await node.content.hash(), { publicHash });
    return jsonReply(200, pick(linkTo(href), call.fields));
  },
};

const saveToDisk: Endpoint = {
  route: 'public.save',
  method: 'POST',
  path: '/public/resources/save-to-disk',
  needs: 'write',
  run: (call) => {
    const { disk, operations } = call.service;
    const { node } = opened(call);
    const name = call.query.text('name') || node.name;
    const given = call.query.text('save_path');
    const folder = given ? call.query.path('save_path') : parsePath('disk:/Загрузки');
    if (!given) makeFolders(disk, folder);
    if (disk.find(folder)?.kind !== 'dir') {
      throw new Refusal('DiskPathDoesntExistsError', formatPath(folder));
    }
    const wanted: DiskPath = { area: 'disk', names: [...folder.names, name] };
    const to = disk.find(wanted) ? freePath(disk, wanted) : wanted;
    operations.requireUnlocked(to);
    requireRoom(call, node);
    const effect = () => {
      if (!visible(node, disk.clock.now())) throw new Refusal('DiskNotFoundError');
      copyNode(disk, node, placeForTransfer(disk, { kind: 'copy', node, to, overwrite: false }));
    };
    if (call.query.flag('force_async') || takesTime(node)) {
      return operationReply(call, operations.run('save-public', [to], disk.totals(node).items, effect));
    }
    effect();
    return resourceLinkReply(call, 201, to);
  },
};

export const publicEndpoints: readonly Endpoint[] = [publicGet, publicDownload, saveToDisk];
