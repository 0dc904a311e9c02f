import type { Random } from '../random.ts';
import type { Reply } from './exchange.ts';
import type { FaultUse } from './fault-book.ts';
import { headerOf, withHeader } from './headers.ts';
import { htmlPage } from './pages.ts';
import type { Fault } from './rules.ts';

/** Faults that turn one reply into another before it is sent. */
export type ReplyFault = Extract<Fault, { kind: 'truncate' | 'broken-json' | 'content-range' | 'headers' }>;

const contentRange = /^bytes (\d+)-(\d+)\/(\d+|\*)$/;

/** How long a reply's body is; null when it does not say. */
export function lengthOf(reply: Reply): number | null {
  if (reply.body === null) return 0;
  if (Buffer.isBuffer(reply.body)) return reply.body.length;
  const header = headerOf(reply.headers, 'content-length');
  return header === undefined ? null : Number(header);
}

/** Tells which faults can befall a reply. */
export function replyFaultsOf(reply: Reply): (fault: Fault) => fault is ReplyFault {
  const length = lengthOf(reply);
  return (fault): fault is ReplyFault => {
    switch (fault.kind) {
      case 'truncate':
        return length !== null && length > 0 && (fault.keepBytes ?? 0) < length;
      case 'broken-json':
        return reply.body !== null && /\bjson\b/.test(String(headerOf(reply.headers, 'content-type')));
      case 'content-range':
        return contentRange.test(String(headerOf(reply.headers, 'content-range')));
      case 'headers':
        return true;
      default:
        return false;
    }
  };
}

/** The reply after its faults, in the order of their rules. */
export async function faultyReply(
  reply: Reply,
  uses: readonly FaultUse<ReplyFault>[],
  random: Pick<Random, 'below'>,
): Promise<Reply> {
  let faulty = reply;
  for (const use of uses) {
    const { fault } = use;
    if (fault.kind === 'truncate') faulty = truncated(faulty, fault);
    else if (fault.kind === 'broken-json') faulty = await brokenJson(faulty, fault.how, random);
    else if (fault.kind === 'content-range') faulty = elsewhere(faulty, fault);
    else faulty = withOtherHeaders(faulty, fault);
    use.happen();
  }
  return faulty;
}

function truncated(reply: Reply, fault: Extract<Fault, { kind: 'truncate' }>): Reply {
  const { body } = reply;
  const length = lengthOf(reply);
  if (body === null || length === null) return reply;
  const keepBytes = fault.keepBytes ?? Math.max(0, length - (fault.dropBytes ?? 1));
  return {
    ...reply,
    headers: withHeader(reply.headers, 'content-length', keepBytes),
    body: Buffer.isBuffer(body) ? body.subarray(0, keepBytes) : firstBytes(body, keepBytes),
  };
}

async function* firstBytes(body: AsyncIterable<Buffer>, sizeBytes: number): AsyncGenerator<Buffer> {
  let left = sizeBytes;
  if (left === 0) return;
  for await (const part of body) {
    yield part.subarray(0, left);
    left -= Math.min(left, part.length);
    if (left === 0) return;
  }
}

async function brokenJson(
  reply: Reply,
  how: Extract<Fault, { kind: 'broken-json' }>['how'],
  random: Pick<Random, 'below'>,
): Promise<Reply> {
  const whole = await collected(reply.body);
  const broken = {
    cut: () => whole.subarray(0, Math.floor(whole.length / 2)),
    // No UTF-8 text has this byte, so that chance cannot make it JSON.
    garbage: () => Buffer.from(whole.map((_, index) => (index === 0 ? 0xff : random.below(256)))),
    utf16: () => Buffer.from(`\ufeff${whole.toString()}`, 'utf16le'),
    html: () => Buffer.from(htmlPage(reply.status)),
    empty: () => Buffer.alloc(0),
    shape: () => Buffer.from('null'),
  }[how]();
  const headers = withHeader(reply.headers, 'content-length', broken.length);
  return {
    ...reply,
    headers: how === 'html' ? withHeader(headers, 'content-type', 'text/html') : headers,
    body: broken,
  };
}

async function collected(body: Reply['body']): Promise<Buffer> {
  if (body === null || Buffer.isBuffer(body)) return body ?? Buffer.alloc(0);
  const parts: Buffer[] = [];
  for await (const part of body) parts.push(part);
  return Buffer.concat(parts);
}

function elsewhere(reply: Reply, fault: Extract<Fault, { kind: 'content-range' }>): Reply {
  const match = contentRange.exec(String(headerOf(reply.headers, 'content-range')));
  if (match === null) return reply;
  const { shiftBytes = 1 } = fault;
  const shifted = `bytes ${Number(match[1]) + shiftBytes}-${Number(match[2]) + shiftBytes}/${match[3]}`;
  return { ...reply, headers: withHeader(reply.headers, 'content-range', fault.value ?? shifted) };
}

function withOtherHeaders(reply: Reply, fault: Extract<Fault, { kind: 'headers' }>): Reply {
  let { headers } = reply;
  for (const name of fault.remove ?? []) headers = withHeader(headers, name, null);
  for (const [name, value] of Object.entries(fault.set ?? {})) headers = withHeader(headers, name, value);
  return { ...reply, headers };
}
