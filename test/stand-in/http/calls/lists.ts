import type { Disk } from '../../model/disk.ts';
import type { FileNode, Node } from '../../model/nodes.ts';
import { publishedNodes } from '../../model/publications.ts';
import { Refusal } from '../../model/refusal.ts';
import { listingOrder } from '../../model/sorting.ts';
import { visible } from '../../model/views.ts';
import type { Reply } from '../../wire/index.ts';
import { fieldsOf, wants } from '../fields.ts';
import { jsonReply } from '../replies.ts';
import { renderList } from '../resource.ts';
import type { Call, Endpoint } from '../service.ts';
import { showingOf, windowOf } from './showing.ts';

/** Every file that a reader sees, of the media types asked for. */
function seenFiles(call: Call): FileNode[] {
  const { disk } = call.service;
  const nowMs = disk.clock.now();
  const mediaTypes = new Set(call.query.list('media_type'));
  const files: FileNode[] = [];
  for (const node of disk.walk(disk.root)) {
    const seen = visible(node, nowMs);
    if (seen?.kind === 'file' && (mediaTypes.size === 0 || mediaTypes.has(seen.mediaType))) files.push(seen);
  }
  return files;
}

async function listReply(call: Call, nodes: readonly Node[], rest: Record<string, number>): Promise<Reply> {
  const { fields } = call;
  const json: Record<string, unknown> = {};
  if (wants(fields, 'items')) {
    json['items'] = await renderList(nodes, { ...showingOf(call), fields: fieldsOf(fields, 'items') });
  }
  for (const [name, value] of Object.entries(rest)) if (wants(fields, name)) json[name] = value;
  return jsonReply(200, json);
}

const files: Endpoint = {
  route: 'files',
  method: 'GET',
  path: '/resources/files',
  needs: 'read',
  run: (call) => {
    const { settings } = call.service;
    const { limit, offset } = windowOf(call);
    const sort = call.query.text('sort') || settings.filesOrder;
    const found = seenFiles(call).sort(listingOrder(sort, settings));
    return listReply(call, found.slice(offset, offset + limit), { limit, offset });
  },
};

const lastUploaded: Endpoint = {
  route: 'last-uploaded',
  method: 'GET',
  path: '/resources/last-uploaded',
  needs: 'read',
  run: (call) => {
    const { limit } = windowOf(call);
    const found = seenFiles(call).sort(
      (left, right) => right.uploadedMs - left.uploadedMs || right.revision - left.revision,
    );
    return listReply(call, found.slice(0, limit), { limit });
  },
};

const published: Endpoint = {
  route: 'published',
  method: 'GET',
  path: '/resources/public',
  needs: 'read',
  run: (call) => {
    const { limit, offset } = windowOf(call);
    const type = call.query.text('type');
    if (type && type !== 'file' && type !== 'dir') throw new Refusal('FieldValidationError', 'type');
    const found = publishedOf(call.service.disk).filter(({ kind }) => !type || kind === type);
    return listReply(call, found.slice(offset, offset + limit), { limit, offset });
  },
};

function publishedOf(disk: Disk): Node[] {
  return publishedNodes(disk);
}

export const listEndpoints: readonly Endpoint[] = [files, lastUploaded, published];
