import type { Disk } from '../model/disk.ts';
import { type FileNode, type Node, shareOf } from '../model/nodes.ts';
import { formatPath } from '../model/path.ts';
import { listPage } from '../model/views.ts';
import type { DownloadLinks } from './download-links.ts';
import { type FieldTree, fieldsOf, pick, wants } from './fields.ts';
import { hasPreview, previewSizes } from './preview-sizes.ts';

/** Recorded form: whole seconds, UTC, `+00:00`. */
export function formatTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}+00:00`;
}

/** How resources are shown in one reply. */
export interface Showing {
  readonly disk: Disk;
  readonly links: DownloadLinks;
  readonly fields: FieldTree | null;
  /** For the `preview` field; null gives the usual size. */
  readonly previewSize: string | null;
  readonly previewCrop: boolean;
  /** Shown through a public resource: paths count from it, and the key is its key. */
  readonly publicRoot?: { readonly node: Node; readonly publicKey: string } | undefined;
}

/** A folder's page, for `_embedded`. */
export interface Paging {
  readonly sort: string;
  readonly offset: number;
  readonly limit: number;
}

type Json = Record<string, unknown>;

function shownPath(node: Node, { disk, publicRoot }: Showing): string {
  const path = disk.pathOf(node);
  if (!publicRoot) return formatPath(path);
  const rootNames = disk.pathOf(publicRoot.node).names.length;
  return `/${path.names.slice(rootNames).join('/')}`;
}

/** A resource as the API shows it, `_embedded` only where a page is asked for. */
export async function renderResource(node: Node, showing: Showing, paging?: Paging): Promise<Json> {
  const { disk, fields, publicRoot } = showing;
  const json: Json = {};
  const put = (name: string, make: () => unknown) => {
    if (wants(fields, name)) json[name] = pick(make(), fieldsOf(fields, name));
  };
  const resourceId = disk.resourceId(node);
  put('path', () => shownPath(node, showing));
  put('name', () => node.name);
  put('type', () => node.kind);
  put('created', () => formatTime(node.createdMs));
  put('modified', () => formatTime(node.modifiedMs));
  put('resource_id', () => resourceId);
  put('revision', () => node.revision);
  put('comment_ids', () => ({ private_resource: resourceId, public_resource: resourceId }));
  put('exif', () => (node.kind === 'file' ? node.exif : {}));
  const { trashed, publication } = node;
  if (trashed) {
    put('deleted', () => formatTime(trashed.deletedMs));
    put('origin_path', () => trashed.originPath);
  }
  if (publicRoot) {
    put('public_key', () => publicRoot.publicKey);
    if (publication) put('public_url', () => publication.publicUrl);
    put('views_count', () => publication?.views ?? 0);
    if (node === publicRoot.node) put('owner', () => ownerOf(disk));
  } else if (publication) {
    put('public_key', () => publication.publicKey);
    put('public_url', () => publication.publicUrl);
  }
  if (node.properties !== undefined && !publicRoot) put('custom_properties', () => node.properties);
  const share = publicRoot ? undefined : shareOf(node);
  if (share) put('share', () => ({ is_root: share.isRoot, is_owned: share.isOwned, rights: share.rights }));
  if (node.kind === 'file') await renderFile(node, showing, put);
  else if (paging && wants(fields, '_embedded')) {
    json['_embedded'] = await renderPage(node, showing, paging);
  }
  return json;
}

type Put = (name: string, make: () => unknown) => void;

async function renderFile(file: FileNode, showing: Showing, put: Put): Promise<void> {
  const { disk, links, fields, publicRoot } = showing;
  put('size', () => file.content.sizeBytes);
  put('mime_type', () => file.mimeType);
  put('antivirus_status', () => file.antivirus);
  const hasLink = file.content.sizeBytes > 0 || disk.settings.emptyFileHasLink;
  if (hasLink) put('media_type', () => file.mediaType);
  if (wants(fields, 'md5') || wants(fields, 'sha256') || wants(fields, 'file')) {
    const digest = file.content.digest ?? (await file.content.hash());
    if (disk.clock.now() >= file.uploadedMs + disk.settings.hashesLateMs) {
      put('md5', () => digest.md5);
      put('sha256', () => digest.sha256);
    }
    if (hasLink) put('file', () => links.fileHref(file, digest, publicRoot ? { owner: false } : {}));
  }
  const { photosliceMs } = file;
  if (photosliceMs !== undefined) put('photoslice_time', () => formatTime(photosliceMs));
  if (hasPreview(file, disk.settings)) {
    put('preview', () => links.previewHref(file, showing.previewSize ?? 'S', showing.previewCrop));
    put('sizes', () =>
      previewSizes.map((name) => ({
        url: links.previewHref(file, name === 'DEFAULT' ? null : name === 'C' ? 'S' : name, false),
        name,
      })),
    );
  }
}

async function renderPage(folder: Node, showing: Showing, paging: Paging): Promise<Json> {
  const { disk } = showing;
  const fields = fieldsOf(showing.fields, '_embedded');
  const page =
    folder.kind === 'dir'
      ? listPage(disk, folder, paging.sort, paging.offset, paging.limit)
      : { items: [], total: 0 };
  const json: Json = {};
  const put = (name: string, make: () => unknown) => {
    if (wants(fields, name)) json[name] = make();
  };
  put('sort', () => paging.sort);
  put('limit', () => paging.limit);
  put('offset', () => paging.offset);
  put('total', () => page.total);
  put('path', () => shownPath(folder, showing));
  if (wants(fields, 'items')) {
    json['items'] = await renderList(page.items, { ...showing, fields: fieldsOf(fields, 'items') });
  }
  // Recorded: it comes along even where `fields` does not ask for it.
  if (showing.publicRoot) json['public_key'] = showing.publicRoot.publicKey;
  return json;
}

/** Resources in a list: none of them shows what it holds. */
export async function renderList(nodes: readonly Node[], showing: Showing): Promise<Json[]> {
  const items: Json[] = [];
  for (const node of nodes) items.push(await renderResource(node, showing));
  return items;
}

function ownerOf(disk: Disk): Json {
  const { login, displayName, uid } = disk.settings;
  return { login, display_name: displayName, uid };
}
