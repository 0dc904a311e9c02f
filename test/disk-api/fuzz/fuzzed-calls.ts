import type { Api } from '../../../src/disk-api/api.ts';
import { calls } from '../../../src/disk-api/calls.ts';
import { readDisk } from '../../../src/disk-api/disk.ts';
import { readDownloadLink } from '../../../src/disk-api/download-link.ts';
import { Downloads } from '../../../src/disk-api/downloads.ts';
import { readFiles, readLastUploaded, readPublished } from '../../../src/disk-api/flat-lists.ts';
import { listFolder, readResource } from '../../../src/disk-api/folder-listing.ts';
import { awaitOperation, readOperation } from '../../../src/disk-api/operations.ts';
import {
  listPublic,
  readPublic,
  readPublicDownloadLink,
  savePublic,
} from '../../../src/disk-api/public-resources.ts';
import {
  publish,
  readAvailableSettings,
  readPublication,
  readPublicSettings,
  setPublicSettings,
  unpublish,
} from '../../../src/disk-api/publication.ts';
import { deleteResource, makeFolder, setProperties } from '../../../src/disk-api/resources.ts';
import { saveUrl } from '../../../src/disk-api/save-url.ts';
import { copyResource, moveResource } from '../../../src/disk-api/transfers.ts';
import { deleteTrashed, emptyTrash, listTrash, restoreTrashed } from '../../../src/disk-api/trash.ts';
import { uploadFile } from '../../../src/disk-api/upload.ts';
import { fileBytes } from './valid-replies.ts';

/** Every call of the client, and what it may send. */
export interface FuzzedCall {
  readonly name: string;
  /** The one kind of request that changes something; the rest must read. */
  readonly change?: {
    readonly method: string;
    readonly route: string;
    readonly parameters: Readonly<Record<string, string>>;
    /** Whether it may be sent again when nobody knows what came of it. */
    readonly repeatable: boolean;
  };
  /** Runs it, and checks what can be checked of what it gives. @throws Error for a wrong result */
  run(api: Api, signal: AbortSignal): Promise<unknown>;
}

const path = 'disk:/a';
const to = 'disk:/b';
const trashed = `trash:/a_${'0'.repeat(40)}`;
const place = { key: 'https://yadi.sk/d/x', path: '/a' };

/** By what they do, whatever the client's own table says. */
const harmfulTwice: ReadonlySet<string> = new Set([
  'move',
  'copy',
  'saveUrl',
  'savePublic',
  'emptyTrash',
  'restore',
]);

function changing(
  name: keyof typeof calls,
  parameters: Readonly<Record<string, string>>,
  run: FuzzedCall['run'],
): FuzzedCall {
  const { method, route } = calls[name];
  return { name, change: { method, route, parameters, repeatable: !harmfulTwice.has(name) }, run };
}

function requireDistinct(names: readonly string[]): void {
  if (names.some((name) => name === '') || new Set(names).size !== names.length)
    throw new Error(`A listing with names twice, or empty: ${JSON.stringify(names).slice(0, 300)}`);
}

async function take(items: AsyncIterable<{ readonly name: string }>): Promise<void> {
  let count = 0;
  for await (const { name } of items) {
    if (name === '') throw new Error('An empty name');
    if (++count > 50) return;
  }
}

/** A range of the file, in the length that was asked for. */
async function readRange(api: Api, signal: AbortSignal): Promise<void> {
  const shown = await readResource(api, path, { signal });
  if (shown.size === undefined || shown.size > 10_000_000) return;
  const end = Math.min(shown.size, 100_000);
  const content = {
    path,
    sizeBytes: shown.size,
    md5: shown.md5,
    sha256: shown.sha256,
    versionTag: 'x',
    link: shown.file === undefined ? undefined : { url: shown.file, obtainedAtMs: performance.now() },
  };
  let gotBytes = 0;
  for await (const chunk of new Downloads(api).read(content, 0, end, signal)) gotBytes += chunk.length;
  if (gotBytes !== end) throw new Error(`${gotBytes} bytes instead of ${end}`);
}

async function upload(api: Api, signal: AbortSignal): Promise<void> {
  async function* open() {
    for (let start = 0; start < fileBytes.length; start += 40_000)
      yield fileBytes.subarray(start, start + 40_000);
  }
  const timing = { holdMs: 200, stallMs: 400, tailMs: () => 600, brokenMs: () => 300, operationEveryMs: 100 };
  await uploadFile(api, { path, overwrite: false, sizeBytes: fileBytes.length, open, signal, timing });
}

export const fuzzedCalls: readonly [FuzzedCall, ...FuzzedCall[]] = [
  { name: 'readDisk', run: (api, signal) => readDisk(api, { signal }) },
  { name: 'readResource', run: (api, signal) => readResource(api, path, { signal }) },
  {
    name: 'listFolder',
    run: async (api, signal) =>
      requireDistinct((await listFolder(api, path, { signal })).entries.map(({ name }) => name)),
  },
  { name: 'readDownloadLink', run: (api, signal) => readDownloadLink(api, path, { signal }) },
  { name: 'readFiles', run: (api, signal) => take(readFiles(api, { signal })) },
  { name: 'readPublished', run: (api, signal) => take(readPublished(api, { signal })) },
  { name: 'readLastUploaded', run: (api, signal) => readLastUploaded(api, 5, { signal }) },
  { name: 'readOperation', run: (api, signal) => readOperation(api, 'abc', { signal }) },
  {
    name: 'awaitOperation',
    run: (api, signal) => awaitOperation(api, 'abc', { what: 'do it' }, { signal, operationMs: 700 }),
  },
  { name: 'readPublication', run: (api, signal) => readPublication(api, path, { signal }) },
  { name: 'readPublicSettings', run: (api, signal) => readPublicSettings(api, path, { signal }) },
  { name: 'readAvailableSettings', run: (api, signal) => readAvailableSettings(api, path, { signal }) },
  { name: 'readPublic', run: (api, signal) => readPublic(api, place, { signal }) },
  {
    name: 'listPublic',
    run: async (api, signal) =>
      requireDistinct((await listPublic(api, place, { signal })).map(({ name }) => name)),
  },
  { name: 'readPublicDownloadLink', run: (api, signal) => readPublicDownloadLink(api, place, { signal }) },
  {
    name: 'listTrash',
    run: async (api, signal) => requireDistinct((await listTrash(api, { signal })).map((item) => item.path)),
  },
  { name: 'download', run: readRange },
  changing('makeFolder', { path }, (api, signal) => makeFolder(api, path, { signal })),
  changing('deleteResource', { path, permanently: 'false' }, (api, signal) =>
    deleteResource(api, path, { signal }),
  ),
  changing('setProperties', { path }, (api, signal) =>
    setProperties(api, path, { key: 'value' }, { signal }),
  ),
  changing('move', { from: path, path: to, overwrite: 'false' }, (api, signal) =>
    moveResource(api, path, to, { signal }),
  ),
  changing('copy', { from: path, path: to, overwrite: 'false' }, (api, signal) =>
    copyResource(api, path, to, { signal }),
  ),
  changing('saveUrl', { path }, (api, signal) => saveUrl(api, 'https://example.org/', path, { signal })),
  changing('publish', { path }, (api, signal) => publish(api, path, { signal })),
  changing('unpublish', { path }, (api, signal) => unpublish(api, path, { signal })),
  changing('setPublicSettings', { path }, (api, signal) =>
    setPublicSettings(api, path, { password: 'x' }, { signal }),
  ),
  changing('savePublic', { public_key: place.key, path: '/a', save_path: path }, (api, signal) =>
    savePublic(api, place, { folder: path, signal }),
  ),
  changing('deleteTrashed', { path: trashed }, (api, signal) => deleteTrashed(api, trashed, { signal })),
  changing('emptyTrash', {}, (api, signal) => emptyTrash(api, { signal })),
  changing('restore', { path: trashed, overwrite: 'false' }, (api, signal) =>
    restoreTrashed(api, trashed, { signal }),
  ),
  {
    name: 'upload',
    change: { method: 'PUT', route: '/data', parameters: {}, repeatable: true },
    run: upload,
  },
];
