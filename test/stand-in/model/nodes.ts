import type { Content } from '../content/content.ts';
import type { Children } from './children.ts';

/** Custom properties: flat, and each text, number or truth value. */
export type Properties = Readonly<Record<string, string | number | boolean>>;

/** A folder shared between accounts, and what is in it. `isOwned` says whose quota it takes. */
export interface Share {
  readonly isRoot: boolean;
  readonly isOwned: boolean;
  /** `rw` or `r`. */
  readonly rights: string;
}

/** What the owner of a public resource may set. Times are in Unix seconds. */
export interface PublicSettings {
  readonly read_only?: boolean | undefined;
  readonly available_until?: number | undefined;
  readonly password?: string | undefined;
  readonly external_organization_id?: string | undefined;
  readonly accesses?: readonly unknown[] | undefined;
}

/** A resource's life as a public one. */
export interface Publication {
  readonly publicKey: string;
  readonly publicUrl: string;
  readonly publishedMs: number;
  settings: PublicSettings;
  views: number;
}

/** Where something in the trash came from. */
export interface Trashed {
  /** Its name in the trash: `<name>_<40 hex>`. */
  readonly key: string;
  readonly originPath: string;
  readonly deletedMs: number;
  /** Its time of change before that. */
  readonly modifiedBeforeMs: number;
}

interface Common {
  /** Names the node for good, in links. */
  readonly serial: number;
  /** What `resource_id` is made from: the serial, until something gives the resource a new identity. */
  identity: number;
  name: string;
  parent: FolderNode | null;
  createdMs: number;
  modifiedMs: number;
  revision: number;
  /** `undefined`: never set; `null`: all taken away again. */
  properties: Properties | null | undefined;
  publication: Publication | undefined;
  share: Share | undefined;
  trashed: Trashed | undefined;
}

/** Ready-made preview images, by size name (`S`, `XXL`, …); `DEFAULT` serves every size that is not named. */
export type Previews = Readonly<Record<string, Buffer>>;

export interface FileNode extends Common {
  readonly kind: 'file';
  content: Content;
  /** Names this version of the bytes in links; 0 for the first content of a declared file. */
  contentId: number;
  uploadedMs: number;
  mimeType: string;
  mediaType: string;
  antivirus: string;
  exif: Readonly<Record<string, unknown>>;
  photosliceMs: number | undefined;
  previews: Previews | undefined;
  /** Until then properties that are set are lost, and this is what they fall back to. */
  finalAtMs: number;
  propertiesWhenFinal: { readonly value: Properties | null | undefined } | undefined;
  /** Until then readers see the earlier version, or nothing. */
  seenAtMs: number;
  shownBefore: FileNode | null;
}

export interface FolderNode extends Common {
  readonly kind: 'dir';
  children: Children<Node>;
  /** Counts changes in it or in anything directly in it; listings are cached by it. */
  version: number;
}

export type Node = FileNode | FolderNode;

/** Names from the root down to the node; what lies in the trash begins with its key there. */
export function nodeNames(node: Node): string[] {
  const names: string[] = [];
  for (let at: Node = node; at.parent; at = at.parent) names.push(at.trashed ? at.trashed.key : at.name);
  return names.reverse();
}

/** The nearest share that the node is in. */
export function shareOf(node: Node): Share | undefined {
  for (let at: Node | null = node; at; at = at.parent) {
    if (at.share) return at === node ? at.share : { ...at.share, isRoot: false };
  }
  return undefined;
}
