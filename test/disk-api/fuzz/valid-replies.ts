import { createHash } from 'node:crypto';
import type { WireReply } from './mutations.ts';
import type { Random } from './random.ts';

/** The file that downloads bring and uploads send. */
export const fileBytes = Buffer.alloc(150_000, 'All work and no play makes Jack a dull boy. ');
const hashes = {
  md5: createHash('md5').update(fileBytes).digest('hex'),
  sha256: createHash('sha256').update(fileBytes).digest('hex'),
};

/** A request as far as a reply depends on it. */
export interface Asked {
  readonly method: string;
  /** Below the base of the API, or `/data` on the data host. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly range: string | undefined;
}

function json(status: number, body: unknown): WireReply {
  const type = status < 400 ? 'application/json; charset=utf-8' : 'application/json';
  return { status, headers: { 'content-type': type }, body: Buffer.from(JSON.stringify(body)) };
}

function refused(status: number, error: string): WireReply {
  return json(status, { error, description: `${error} happened.`, message: 'Так вышло.' });
}

function resource(name: string, dataUrl: string) {
  return {
    name,
    type: 'file',
    path: `disk:/${name}`,
    resource_id: `1:${createHash('sha256').update(name).digest('hex')}`,
    revision: 1720720926034614,
    created: '2024-07-11T18:02:06+00:00',
    modified: '2024-07-11T18:02:06+00:00',
    size: fileBytes.length,
    ...hashes,
    media_type: 'document',
    mime_type: 'text/plain',
    file: dataUrl,
    public_url: 'https://yadi.sk/d/Anon0000000015',
    public_key: 'key',
    custom_properties: { rclone_modified: '2026-08-17T16:13:14.123456789+05:30' },
  };
}

function page(items: readonly unknown[], query: URLSearchParams) {
  const offset = Number(query.get('offset') ?? 0);
  const limit = Number(query.get('limit') ?? 20);
  return {
    items: items.slice(offset, offset + limit),
    total: items.length,
    limit,
    offset,
    path: 'disk:/a',
    sort: 'name',
  };
}

function download({ range }: Asked): WireReply {
  const [, first = '0', last = String(fileBytes.length - 1)] = /^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? [];
  const body = fileBytes.subarray(Number(first), Number(last) + 1);
  const headers = { 'content-range': `bytes ${first}-${last}/${fileBytes.length}`, etag: `"${hashes.md5}"` };
  return { status: 206, headers, body };
}

/** What a Disk in order would answer; now and then a refusal that is in order as well. */
export function validReply(
  asked: Asked,
  random: Random,
  urls: { readonly api: string; readonly data: string },
): WireReply {
  const { method, path, query } = asked;
  if (path === '/data')
    return method === 'PUT' ? { status: 201, headers: {}, body: Buffer.alloc(0) } : download(asked);
  if (random.chance(0.08))
    return random.pick<() => WireReply>([
      () => refused(404, 'DiskNotFoundError'),
      () => refused(409, 'DiskPathPointsToExistentDirectoryError'),
      () => refused(423, 'DiskResourceLockedError'),
      () => refused(429, 'TooManyRequestsError'),
      () => refused(401, 'UnauthorizedError'),
    ])();
  const operation = { href: `${urls.api}/operations/${'0a1b'.repeat(16)}`, method: 'GET', templated: false };
  const link = {
    href: `${urls.api}/resources?path=${encodeURIComponent(query.get('path') ?? '')}`,
    method: 'GET',
  };
  const later = random.chance(0.3);
  const items = Array.from({ length: 5 }, (_, index) => resource(`entry ${index}`, urls.data));
  const trashed = items.map((item, index) => ({
    ...item,
    path: `trash:/entry_${index}`,
    origin_path: item.path,
    deleted: item.modified,
  }));
  const empty: WireReply = {
    status: 204,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: Buffer.alloc(0),
  };
  const folder = { ...resource('a', urls.data), type: 'dir', size: undefined, file: undefined };
  const isPage = query.get('limit') !== '0' && query.has('sort');

  if (path.startsWith('/operations')) return json(200, { status: later ? 'in-progress' : 'success' });
  if (method === 'DELETE') return later ? json(202, operation) : empty;
  if (method === 'PATCH')
    return path === '/resources' ? json(200, resource('a', urls.data)) : { ...empty, status: 200 };
  if (method === 'POST')
    return path === '/resources/upload' || later ? json(202, operation) : json(201, link);
  if (method === 'PUT')
    return /publish$/.test(path)
      ? json(200, link)
      : later && path.endsWith('restore')
        ? json(202, operation)
        : json(201, link);
  switch (path) {
    case '/':
    case '':
      return json(200, {
        total_space: 1e10,
        used_space: 1e9,
        trash_size: 5,
        max_file_size: 2 ** 30,
        revision: 1720720926034614,
        user: { uid: '1', login: 'l' },
      });
    case '/resources/upload':
      return json(200, { href: urls.data, method: 'PUT', templated: false, operation_id: '0a1b'.repeat(16) });
    case '/resources/download':
    case '/public/resources/download':
      return json(200, { href: urls.data, method: 'GET', templated: false });
    case '/resources/files':
    case '/resources/last-uploaded':
    case '/resources/public':
      return json(200, page(items, query));
    case '/trash/resources':
      return json(200, { ...folder, _embedded: page(trashed, query) });
    case '/public/resources/public-settings':
      return json(200, { available_until: 1 });
    case '/public/resources/public-settings/available-settings':
      return json(200, { permissions: ['password'], use_sharing: false });
    default:
      return json(200, isPage ? { ...folder, _embedded: page(items, query) } : resource('a', urls.data));
  }
}
