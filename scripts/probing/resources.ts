import type { DiskPath } from '../../src/disk-api/paths.ts';
import { type Bench, type Reply, type Span, Unexpected } from './bench.ts';
import { took } from './operations.ts';
import { watch } from './polling.ts';
import { pageShape, type Resource, resourceShape } from './replies.ts';

const shownFields =
  'name,path,type,resource_id,revision,created,modified,size,md5,sha256,media_type,mime_type,antivirus_status,' +
  'file,preview,public_url,custom_properties,share';

/** What is at the path; undefined for 404. */
export async function look(bench: Bench, path: DiskPath): Promise<Resource | undefined> {
  const reply = await bench.api('GET', '/resources', { path, limit: '0', fields: shownFields });
  if (reply.status === 404) return undefined;
  const resource = resourceShape.safeParse(reply.json);
  if (reply.status !== 200 || !resource.success) throw new Unexpected('looking', reply);
  return resource.data;
}

/** What is at the path, waited for as long as patience lasts. @throws Error when it does not come. */
export async function found(bench: Bench, path: DiskPath, md5?: string): Promise<Resource> {
  const nowMs = bench.clock.nowMs();
  const { value } = await watch(bench, { sentAtMs: nowMs, answeredAtMs: nowMs }, async () => {
    const resource = await look(bench, path);
    return md5 === undefined || resource?.md5 === md5 ? resource : undefined;
  });
  if (!value)
    throw new Error(`what was put in place did not come into sight within ${bench.pace.patienceMs} ms`);
  return value;
}

export interface Listing {
  readonly names: readonly string[];
  readonly entries: readonly Resource[];
  readonly total: number | undefined;
  /** The limit as the service says that it understood it. */
  readonly limit: number | undefined;
}

const listedFields =
  '_embedded.total,_embedded.limit,_embedded.items.name,_embedded.items.type,_embedded.items.size,_embedded.items.md5';

/** One page of a folder. @throws Unexpected */
export async function list(
  bench: Bench,
  path: DiskPath,
  paging: Readonly<Record<string, string>> = {},
): Promise<Listing> {
  const reply = await bench.api('GET', '/resources', { path, limit: '200', ...paging, fields: listedFields });
  const page = pageShape.safeParse(reply.json);
  if (reply.status !== 200 || !page.success) throw new Unexpected('listing', reply);
  const { items, total, limit } = page.data._embedded;
  return { names: items.map(({ name }) => name ?? ''), entries: items, total, limit };
}

const setUpTries = 4;

/** Repeats a step of preparation while the service is in trouble or the place is locked. @throws Unexpected */
export async function prepared(bench: Bench, doing: string, step: () => Promise<Reply>): Promise<Reply> {
  for (let attempt = 1; ; attempt++) {
    const reply = await step();
    const { status = 0 } = reply;
    if (status >= 200 && status < 300) return reply;
    if ((status !== 423 && status < 500) || status === 507 || attempt >= setUpTries)
      throw new Unexpected(doing, reply);
    await bench.wait(bench.pace.settleMs / 2);
  }
}

export function makeFolder(bench: Bench, path: DiskPath): Promise<Reply> {
  return prepared(bench, 'making a folder', () => bench.api('PUT', '/resources', { path }));
}

/** Asks for a move or a copy. */
export function transfer(
  bench: Bench,
  kind: 'move' | 'copy',
  from: DiskPath,
  path: DiskPath,
  parameters: Readonly<Record<string, string>> = {},
): Promise<Reply> {
  return bench.api('POST', `/resources/${kind}`, { from, path, ...parameters });
}

/** A move or a copy that has to succeed; within the answer it took effect. @throws Unexpected */
export async function transferred(
  bench: Bench,
  kind: 'move' | 'copy',
  from: DiskPath,
  path: DiskPath,
): Promise<Span> {
  const reply = await prepared(bench, `a ${kind}`, () => transfer(bench, kind, from, path));
  if (!(await took(bench, reply))) throw new Unexpected(`a ${kind}`, reply);
  return reply.status === 202 ? { sentAtMs: reply.sentAtMs, answeredAtMs: bench.clock.nowMs() } : reply;
}

/** Deletes for good. */
export function remove(
  bench: Bench,
  path: DiskPath,
  parameters: Readonly<Record<string, string>> = {},
): Promise<Reply> {
  return bench.api('DELETE', '/resources', { path, permanently: 'true', ...parameters });
}

/** Deletes into the trash; cleaning will look for it there. */
export function trash(bench: Bench, path: DiskPath): Promise<Reply> {
  bench.trashed.add(path);
  return bench.api('DELETE', '/resources', { path, permanently: 'false' });
}

export function patch(bench: Bench, path: DiskPath, properties: unknown): Promise<Reply> {
  return bench.api('PATCH', '/resources', { path }, { custom_properties: properties });
}

const patchTries = 3;

/** Sets a property of a settled resource and sees that it stays. False: it does not. */
export async function setProperty(
  bench: Bench,
  path: DiskPath,
  name: string,
  value: string,
): Promise<boolean> {
  for (let attempt = 1; attempt <= patchTries; attempt++) {
    const reply = await patch(bench, path, { [name]: value });
    await bench.settle();
    if (reply.status === 200 && (await look(bench, path))?.custom_properties?.[name] === value) return true;
  }
  return false;
}
