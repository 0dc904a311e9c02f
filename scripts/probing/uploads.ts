import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import type { DiskPath } from '../../src/disk-api/paths.ts';
import { type Bench, type Reply, type Span, Unexpected } from './bench.ts';
import { operationEnd } from './operations.ts';
import { linkShape } from './replies.ts';
import { prepared } from './resources.ts';
import type { RequestBody, WireReply } from './wire.ts';

export interface UploadLink {
  readonly href: string;
  readonly operationId: string | undefined;
}

export function askUploadLink(bench: Bench, path: DiskPath, overwrite = false): Promise<Reply> {
  return bench.api('GET', '/resources/upload', { path, overwrite: String(overwrite) });
}

/** The link in a reply. @throws Unexpected when there is none. */
export function uploadLinkOf(reply: Reply): UploadLink {
  const link = linkShape.safeParse(reply.json);
  if (reply.status !== 200 || !link.success) throw new Unexpected('asking for an upload link', reply);
  return { href: link.data.href, operationId: link.data.operation_id };
}

export async function uploadLink(bench: Bench, path: DiskPath, overwrite = false): Promise<UploadLink> {
  return uploadLinkOf(
    await prepared(bench, 'asking for an upload link', () => askUploadLink(bench, path, overwrite)),
  );
}

/** Sends bytes to a link, whole unless the body says otherwise. */
export function put(
  bench: Bench,
  link: UploadLink,
  content: string | Uint8Array,
  body: Partial<RequestBody> = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<WireReply> {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  const whole: RequestBody = { bytes, sizeBytes: bytes.length, framing: 'length' };
  return bench.data(link.href, 'upload link', { method: 'PUT', headers, body: { ...whole, ...body } });
}

const uploadTries = 3;

/**
 * Uploads a file whole and waits until the service says that it is in place. Within the answer it took effect.
 * @throws Unexpected
 */
export async function upload(
  bench: Bench,
  path: DiskPath,
  content: string | Uint8Array,
  overwrite = false,
): Promise<Span> {
  for (let attempt = 1; ; attempt++) {
    const link = await uploadLink(bench, path, overwrite || attempt > 1);
    const reply = await put(bench, link, content);
    const stored = reply.status === 201 || reply.status === 202;
    if (stored && link.operationId !== undefined) await operationEnd(bench, link.operationId, reply);
    if (reply.status === 202) return { sentAtMs: reply.sentAtMs, answeredAtMs: bench.clock.nowMs() };
    if (stored) return reply;
    if ((reply.status ?? 0) < 500 || attempt >= uploadTries) throw new Unexpected('an upload', reply);
    await bench.wait(bench.pace.settleMs / 2);
  }
}

export function md5Of(content: string | Uint8Array): string {
  return createHash('md5').update(content).digest('hex');
}

const pieceBytes = 256 << 10;

/** Random bytes of any size, made while they are sent. */
export async function* randomContent(sizeBytes: number): AsyncGenerator<Buffer> {
  const cipher = createCipheriv('aes-128-ctr', randomBytes(16), randomBytes(16));
  const zeros = Buffer.alloc(pieceBytes);
  for (let leftBytes = sizeBytes; leftBytes > 0; leftBytes -= pieceBytes)
    yield cipher.update(zeros.subarray(0, Math.min(pieceBytes, leftBytes)));
}
