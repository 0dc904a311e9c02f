import { Failure } from '../errors.ts';
import type { ShownNode } from '../tree/shown-node.ts';

/** Names of what the Disk knows. */
export const diskNames = 'user.yadisk.';
/** The only one that can be set: 1 publishes, 0 takes the link back. */
export const publicName = 'user.yadisk.public';

/**
 * `user.yadisk.*`: what the Disk knows of a file or folder. They answer when asked by name and are never listed, so that no copy
 * or backup tool carries them along.
 */
const readers: Readonly<Record<string, (node: ShownNode) => string | undefined>> = {
  'user.yadisk.md5': (node) => contentOf(node)?.md5,
  'user.yadisk.sha256': (node) => contentOf(node)?.sha256,
  'user.yadisk.resource_id': (node) => node.remote?.resourceId,
  'user.yadisk.public_url': (node) => node.remote?.publicUrl,
  [publicName]: (node) => (node.remote?.publicUrl === undefined ? '0' : '1'),
  'user.yadisk.media_type': (node) => node.remote?.mediaType,
  'user.yadisk.mime_type': (node) => node.remote?.mimeType,
  'user.yadisk.path': (node) => node.remote?.path,
  'user.yadisk.revision': (node) => node.remote?.revision?.toString(),
  'user.yadisk.state': (node) => (node.local ? (node.local.trouble ? 'unsent' : 'due') : 'synced'),
};

/** @throws Failure 'no-attribute' for other names, and where the Disk tells nothing. */
export function diskAttribute(node: ShownNode, name: string): Buffer {
  const value = Object.hasOwn(readers, name) ? readers[name]?.(node) : undefined;
  if (value === undefined) throw new Failure('no-attribute', `No attribute ${name} on ${node.name}`);
  return Buffer.from(value, 'utf8');
}

/** Hashes are those of the bytes that are shown: of a draft nobody knows them yet. */
function contentOf({ local, remote }: ShownNode) {
  return local?.draft ? undefined : remote?.content;
}
