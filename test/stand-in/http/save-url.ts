import { type IncomingMessage, request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { ContentWriter } from '../content/stored.ts';
import { putFile } from '../model/changes.ts';
import type { Disk } from '../model/disk.ts';
import type { Operation } from '../model/operations.ts';
import type { DiskPath } from '../model/path.ts';
import { Refusal } from '../model/refusal.ts';
import type { Service } from './service.ts';

const maxRedirects = 5;
const loopbackName = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

interface SaveRequest {
  readonly url: string;
  readonly path: DiskPath;
  readonly followRedirects: boolean;
}

/** Something of the fetch went wrong; the operation says only that it failed, as the real one does. */
class FetchFailed extends Error {}

/** Fetches a URL into the Disk and ends the operation. Never rejects. */
export async function saveUrl(service: Service, operation: Operation, request: SaveRequest): Promise<void> {
  const { disk, operations, settings } = service;
  try {
    const [writer] = await Promise.all([
      fetchLoopback(service, new URL(request.url), request.followRedirects ? maxRedirects : 0),
      sleep(settings.operationMs),
    ]);
    disk.settle();
    if (settings.operationsFail) throw new FetchFailed();
    operations.requireUnlocked(request.path);
    if (writer.sizeBytes > Math.min(disk.freeBytes(), settings.maxFileSizeBytes)) throw new FetchFailed();
    putFile(disk, placeForUrl(disk, request.path), writer.content(), settings);
    operations.finish(operation, 'success');
  } catch {
    operations.finish(operation, 'failed');
  }
}

/** Where the file goes when the name is taken. @throws Refusal 409. */
function placeForUrl(disk: Disk, path: DiskPath): DiskPath {
  if (!disk.find(path) || disk.settings.saveUrlCollision === 'overwrite') return path;
  if (disk.settings.saveUrlCollision === 'fail') throw new Refusal('DiskResourceAlreadyExistsError');
  return freePath(disk, path);
}

/** `name (1).ext`, or the first number that is free. */
export function freePath(disk: Disk, path: DiskPath): DiskPath {
  const name = path.names.at(-1) ?? '';
  const [, stem = name, extension = ''] = /^(.+?)(\.[^.]*)?$/.exec(name) ?? [];
  for (let number = 1; ; number += 1) {
    const other = { area: path.area, names: [...path.names.slice(0, -1), `${stem} (${number})${extension}`] };
    if (!disk.find(other)) return other;
  }
}

/** Fetches from this machine only: a stand-in must not reach out. Its own host names count as this machine. */
async function fetchLoopback(service: Service, url: URL, redirects: number): Promise<ContentWriter> {
  const own = service.hosts.isOwn(url.hostname);
  if (!own && !loopbackName.test(url.hostname)) throw new FetchFailed();
  const asOwn = { hostname: '127.0.0.1', headers: { host: url.host }, servername: url.hostname };
  const options = own ? { ...asOwn, rejectUnauthorized: false } : {};
  const start = url.protocol === 'https:' ? secureRequest : plainRequest;
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    start(url, options, resolve).once('error', reject).end();
  });
  const { location } = response.headers;
  if (
    response.statusCode !== undefined &&
    response.statusCode >= 300 &&
    response.statusCode < 400 &&
    location
  ) {
    response.resume();
    if (redirects === 0) throw new FetchFailed();
    return fetchLoopback(service, new URL(location, url), redirects - 1);
  }
  if (response.statusCode !== 200) {
    response.resume();
    throw new FetchFailed();
  }
  const writer = new ContentWriter();
  for await (const bytes of response) writer.write(Buffer.from(bytes));
  return writer;
}
