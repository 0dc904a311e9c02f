import { createHash } from 'node:crypto';
import { type Content, pieces } from '../content/content.ts';
import type { Settings } from '../settings.ts';
import type { Exchange, Reply } from '../wire/index.ts';
import type { LinkTarget } from './download-links.ts';
import { hasPreview, previewImage } from './preview-sizes.ts';
import { readRange } from './ranges.ts';
import { bareReply, htmlReply } from './replies.ts';
import type { Service } from './service.ts';
import { zipOf } from './zip.ts';

/** Answers the first host of a link, and the ones that it redirects to. */
export function serveDownload(service: Service, exchange: Exchange, url: URL): Reply | Promise<Reply> {
  if (exchange.method !== 'GET' && exchange.method !== 'HEAD') return htmlReply(405);
  const target = service.links.open(url.pathname);
  if (typeof target === 'string') return htmlReply(service.settings.deadLinkStatus);
  if (target.kind === 'preview') return servePreview(service, exchange, target, url);
  if (target.hop < service.settings.redirectHops) {
    const location = service.links.nextHop(target, url.pathname, url.search);
    return bareReply(302, { location });
  }
  if (target.kind === 'folder') return serveFolder(service, exchange, target);
  return serveFile(service, exchange, target, url);
}

async function serveFile(service: Service, exchange: Exchange, target: LinkTarget, url: URL): Promise<Reply> {
  const { settings } = service;
  const content = linkedContent(service, target);
  if (content === 'dead') return htmlReply(settings.deadLinkStatus);
  if (content === 'infected') return htmlReply(403);
  const type = url.searchParams.get('content_type') ?? 'application/octet-stream';
  const name = url.searchParams.get('filename') ?? '';
  const headers: Record<string, string | number> = {
    'content-type': type,
    'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(name)}`,
  };
  const etag = etagOf((await content.hash()).md5, settings.etag);
  if (etag !== null) headers['etag'] = etag;
  if (settings.ranges) headers['accept-ranges'] = 'bytes';
  const { req, method } = exchange;
  if (etag !== null && req.headers['if-none-match'] === etag) return { status: 304, headers, body: null };
  const ifRange = req.headers['if-range'];
  const rangeHolds =
    settings.ranges && (typeof ifRange !== 'string' || (ifRange === etag && !etag.startsWith('W/')));
  const range = readRange(rangeHolds ? req.headers.range : undefined, content.sizeBytes);
  if (range.kind === 'unsatisfiable') {
    return htmlReply(416, { 'content-range': `bytes */${content.sizeBytes}` });
  }
  const start = range.kind === 'part' ? range.start : 0;
  const end = range.kind === 'part' ? range.end : content.sizeBytes;
  headers['content-length'] = end - start;
  if (range.kind === 'part') headers['content-range'] = `bytes ${start}-${end - 1}/${content.sizeBytes}`;
  const body = method === 'HEAD' ? null : bodyOf(content, start, end);
  return { status: range.kind === 'part' ? 206 : 200, headers, body };
}

function serveFolder({ disk, settings }: Service, exchange: Exchange, target: LinkTarget): Reply {
  const node = disk.bySerial(target.serial);
  if (node?.kind !== 'dir' || !disk.onDisk(node)) return htmlReply(settings.deadLinkStatus);
  const body = exchange.method === 'HEAD' ? null : zipOf(disk, node);
  return { status: 200, headers: { 'content-type': 'application/zip' }, body };
}

/** The bytes that a link serves now. */
function linkedContent(service: Service, target: LinkTarget): Content | 'dead' | 'infected' {
  const { disk, settings } = service;
  const node = disk.bySerial(target.serial);
  const file = node?.kind === 'file' ? node : undefined;
  if (file && file.antivirus !== 'clean' && settings.infectedDownload === 'refused') return 'infected';
  const deleted = !file || !disk.onDisk(file);
  if (deleted && settings.linkAfterDelete === 'dead') return 'dead';
  if (file && file.contentId !== target.contentId) {
    if (settings.linkAfterOverwrite === 'dead') return 'dead';
    if (settings.linkAfterOverwrite === 'new') return file.content;
  }
  if (target.contentId === 0) return disk.declaredContent(target.serial) ?? 'dead';
  return disk.contents.get(target.contentId) ?? 'dead';
}

function etagOf(md5: string, form: Settings['etag']): string | null {
  switch (form) {
    case 'quoted-md5':
      return `"${md5}"`;
    case 'plain-md5':
      return md5;
    case 'weak-md5':
      return `W/"${md5}"`;
    case 'other':
      return `"${createHash('sha1').update(md5).digest('hex').slice(0, 16)}"`;
    case 'none':
      return null;
  }
}

async function* bodyOf(content: Content, start: number, end: number): AsyncGenerator<Buffer> {
  yield* pieces(content, start, end);
}

function servePreview(service: Service, exchange: Exchange, target: LinkTarget, url: URL): Reply {
  const { disk, settings } = service;
  if (settings.previewNeedsToken) {
    const token = /^OAuth (.+)$/.exec(exchange.req.headers.authorization ?? '')?.[1] ?? '';
    if (!service.tokens.valid(token)) return htmlReply(403);
  }
  const node = disk.bySerial(target.serial);
  if (node?.kind !== 'file' || !hasPreview(node, settings)) return htmlReply(404);
  const image = previewImage(node, url.searchParams.get('size'));
  const headers = { 'content-type': imageType(image), 'content-length': image.length };
  return { status: 200, headers, body: exchange.method === 'HEAD' ? null : image };
}

function imageType(image: Buffer): string {
  return image.subarray(1, 4).toString('latin1') === 'PNG' ? 'image/png' : 'image/jpeg';
}
