import { setTimeout as sleep } from 'node:timers/promises';
import type { Content } from '../content/content.ts';
import { ContentWriter } from '../content/stored.ts';
import { putFile } from '../model/changes.ts';
import { formatPath } from '../model/path.ts';
import { Refusal } from '../model/refusal.ts';
import { RequestBodyBroken } from '../wire/exchange.ts';
import type { Exchange, Reply } from '../wire/index.ts';
import { refusalStatus } from './refusals.ts';
import { bareReply, htmlReply } from './replies.ts';
import type { Service } from './service.ts';
import type { Upload } from './uploads.ts';

/** A part of an upload: `Content-Range: bytes start-end/size`. */
interface Part {
  readonly start: number;
  /** One past the last byte. */
  readonly end: number;
  readonly sizeBytes: number;
}

/** Answers the host that takes bytes. */
export async function serveUpload(
  service: Service,
  exchange: Exchange,
  upload: Upload | undefined,
): Promise<Reply> {
  const { settings } = service;
  if (!upload) return htmlReply(404);
  if (upload.state === 'expired') return htmlReply(settings.uploadLinkExpiredStatus);
  if (upload.state === 'used') return htmlReply(settings.uploadLinkReusedStatus);
  try {
    if (exchange.method === 'HEAD') return await probe(service, exchange, upload);
    if (exchange.method !== 'PUT') return htmlReply(405);
    return await receive(service, exchange, upload);
  } catch (error) {
    if (error instanceof Refusal) return htmlReply(refusalStatus(error));
    throw error;
  }
}

async function receive(service: Service, exchange: Exchange, upload: Upload): Promise<Reply> {
  const { settings, wire } = service;
  const part = settings.uploadResume ? readPart(exchange) : null;
  if (upload.state === 'receiving' && !part) return htmlReply(settings.uploadLinkReusedStatus);
  const writer = (part && upload.partial) ?? new ContentWriter();
  if (part && part.start !== writer.sizeBytes) return htmlReply(412);
  const announced = exchange.req.headers['content-length'];
  if (announced === undefined && !settings.chunkedUploads) return htmlReply(411);
  requireFits(service, upload, part?.sizeBytes ?? Number(announced ?? 0));
  upload.state = 'receiving';
  if (part) upload.partial = writer;
  const unlock = settings.uploadLocksPath ? service.operations.lock(upload.path) : () => {};
  try {
    await readBody(service, exchange, upload, writer, unlock);
    if (part && part.end < part.sizeBytes) return storedReply(202);
    requireFits(service, upload, writer.sizeBytes);
    await wire.beforeCommit(exchange);
    await tailWait(service, writer.sizeBytes);
  } finally {
    unlock();
  }
  return commit(service, upload, writer.content());
}

/** Reads the body. One that breaks off is committed as far as it came where the settings say so. */
async function readBody(
  service: Service,
  exchange: Exchange,
  upload: Upload,
  writer: ContentWriter,
  unlock: () => void,
): Promise<void> {
  const { settings, wire } = service;
  const limit = upload.throttled ? { bytesPerSecond: settings.throttleBytesPerSecond } : undefined;
  try {
    for await (const bytes of wire.requestBody(exchange, limit)) {
      writer.write(bytes);
      requireFits(service, upload, writer.sizeBytes);
    }
  } catch (error) {
    if (error instanceof RequestBodyBroken && !upload.partial) {
      const chunked = exchange.req.headers['content-length'] === undefined;
      const kept = settings.cutBody === 'keep' || (settings.cutBody === 'keep-chunked' && chunked);
      unlock();
      if (kept) commit(service, upload, writer.content());
    }
    throw error;
  }
}

/** @throws Refusal 413 or 507. */
function requireFits(service: Service, upload: Upload, sizeBytes: number): void {
  const { disk, settings } = service;
  if (sizeBytes > settings.maxFileSizeBytes) throw new Refusal('DiskFileSizeLimitExceededError');
  if (settings.quotaCheckedAt === 'link') return;
  const replaced = disk.find(upload.path);
  const freedBytes = replaced?.kind === 'file' ? replaced.content.sizeBytes : 0;
  if (sizeBytes > disk.freeBytes() + freedBytes) {
    throw new Refusal(settings.quotaError, '', settings.quotaStatus);
  }
}

async function tailWait({ settings }: Service, sizeBytes: number): Promise<void> {
  const waitMs = settings.commitMs + (settings.commitMsPerMiB * sizeBytes) / (1024 * 1024);
  if (waitMs > 0) await sleep(waitMs);
}

/** Puts the file in place, at once or later. @throws Refusal 409 or 423. */
function commit(service: Service, upload: Upload, content: Content): Reply {
  const { disk, operations, settings, clock } = service;
  disk.settle();
  upload.state = 'used';
  upload.partial = null;
  const place = () => {
    operations.requireUnlocked(upload.path);
    const existing = disk.find(upload.path);
    if (existing && !upload.overwrite && settings.overwriteCheckedAt !== 'link') {
      throw new Refusal('DiskResourceAlreadyExistsError', formatPath(upload.path));
    }
    putFile(disk, upload.path, content, settings);
    if (settings.uploadAllowanceBytes !== null) {
      settings.uploadAllowanceBytes = Math.max(0, settings.uploadAllowanceBytes - content.sizeBytes);
    }
  };
  if (settings.uploadAnswer === 202) {
    disk.timeline.at(clock.now() + settings.lateCommitMs, () => {
      try {
        place();
        operations.finish(upload.operation, 'success');
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        operations.finish(upload.operation, 'failed');
      }
    });
    return storedReply(202);
  }
  try {
    place();
  } catch (error) {
    operations.finish(upload.operation, 'failed');
    throw error;
  }
  if (settings.uploadOperationLagMs === 0) operations.finish(upload.operation, 'success');
  else {
    const endMs = clock.now() + settings.uploadOperationLagMs;
    disk.timeline.at(endMs, () => operations.finish(upload.operation, 'success'));
  }
  return storedReply(201);
}

/** Recorded: neither a type nor a length, 18 of 18. On the wire that is an empty chunked body. */
function storedReply(status: 201 | 202): Reply {
  return { status, headers: {}, body: noBytes() };
}

async function* noBytes(): AsyncGenerator<Buffer> {
  yield* [];
}

/** HEAD: how much is there already, or all of it if the Disk knows the hashes. Nobody recorded it. */
async function probe(service: Service, exchange: Exchange, upload: Upload): Promise<Reply> {
  const { settings, disk } = service;
  if (settings.uploadByHash) {
    const { etag, sha256, size } = exchange.req.headers;
    for (const node of disk.walk(disk.root)) {
      if (node.kind !== 'file' || String(node.content.sizeBytes) !== size) continue;
      const digest = await node.content.hash();
      if (digest.md5 === etag && digest.sha256 === sha256) return commit(service, upload, node.content);
    }
  }
  if (!settings.uploadResume) return htmlReply(405);
  return bareReply(200, { 'content-length': upload.partial?.sizeBytes ?? 0 });
}

/** @throws Refusal 400 for a Content-Range that says nothing. */
function readPart(exchange: Exchange): Part | null {
  const header = exchange.req.headers['content-range'];
  if (header === undefined) return null;
  const match = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(header);
  if (!match) throw new Refusal('FieldValidationError', 'content-range');
  const [, start, last, size] = match;
  return { start: Number(start), end: Number(last) + 1, sizeBytes: Number(size) };
}
