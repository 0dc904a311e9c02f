import type { Content } from '../content/content.ts';
import { heldChildren } from './children.ts';
import { mediaKind } from './media.ts';
import type { FileNode, FolderNode } from './nodes.ts';

/** What every new resource begins as: nowhere, and with nothing said of it. */
function commonTraits(serial: number, name: string, createdMs: number, revision: number) {
  return {
    serial,
    identity: serial,
    name,
    parent: null,
    createdMs,
    modifiedMs: createdMs,
    revision,
    properties: undefined,
    publication: undefined,
    share: undefined,
    trashed: undefined,
  };
}

/** An empty folder that is nowhere yet. */
export function newFolderNode(serial: number, name: string, createdMs: number, revision: number): FolderNode {
  return {
    kind: 'dir',
    ...commonTraits(serial, name, createdMs, revision),
    children: heldChildren(),
    version: 0,
  };
}

/** A file that is nowhere yet, final and seen. */
export function newFileNode(
  serial: number,
  name: string,
  createdMs: number,
  revision: number,
  content: Content,
  contentId: number,
): FileNode {
  return {
    kind: 'file',
    ...commonTraits(serial, name, createdMs, revision),
    content,
    contentId,
    uploadedMs: createdMs,
    ...mediaKind(name),
    antivirus: 'clean',
    exif: {},
    photosliceMs: undefined,
    previews: undefined,
    finalAtMs: 0,
    propertiesWhenFinal: undefined,
    seenAtMs: 0,
    shownBefore: null,
  };
}
