import type { IncomingHttpHeaders } from 'node:http';
import { Failure } from '../errors.ts';

/** What a data host answered when asked for bytes [start, end) of a file of `sizeBytes`. */
export type RangeReply =
  | { readonly kind: 'redirect'; readonly location: string }
  /** Bytes follow; `skipBytes` of them lie before the range and `surplusBytes` behind (a host that ignores Range sends all). */
  | {
      readonly kind: 'bytes';
      readonly skipBytes: number;
      readonly surplusBytes: number;
      readonly etag: string | undefined;
    }
  /** The link is dead, expired or broken: 4xx, or an HTML page of the host. */
  | { readonly kind: 'dead-link'; readonly failure: Failure }
  /** The host is in trouble, the link may be good. */
  | { readonly kind: 'trouble'; readonly failure: Failure }
  /** Length or range are not those of our version. */
  | { readonly kind: 'mismatch'; readonly failure: Failure };

const redirects = new Set([301, 302, 303, 307, 308]);
const troubles = new Set([429, 500, 502, 503, 504, 509]);

/** Reads the head of the answer; never the body. */
export function classifyRangeReply(
  status: number,
  headers: IncomingHttpHeaders,
  range: { readonly start: number; readonly end: number; readonly sizeBytes: number },
): RangeReply {
  const { start, end, sizeBytes } = range;
  if (redirects.has(status)) {
    if (headers.location !== undefined) return { kind: 'redirect', location: headers.location };
    return { kind: 'dead-link', failure: new Failure('nonsense', 'A data host redirected to nowhere') };
  }
  if (status === 206 || status === 200) {
    const encoding = headers['content-encoding'];
    if (encoding !== undefined && encoding !== 'identity') return mismatch(`encoded as ${encoding}`);
  }
  const lengthBytes = headers['content-length'] === undefined ? undefined : Number(headers['content-length']);
  if (status === 206) {
    const given = parseContentRange(headers['content-range']);
    const fits = given && given.start === start && given.end >= end && given.end <= sizeBytes;
    const isWhole = given && (lengthBytes === undefined || lengthBytes === given.end - given.start);
    if (fits && isWhole && (given.total ?? sizeBytes) === sizeBytes) {
      return { kind: 'bytes', skipBytes: 0, surplusBytes: given.end - end, etag: plainEtag(headers.etag) };
    }
    return mismatch(
      `asked for ${start}-${end - 1}/${sizeBytes}, got ${headers['content-range'] ?? 'no range'}`,
    );
  }
  if (status === 200) {
    if (lengthBytes !== undefined && lengthBytes !== sizeBytes)
      return mismatch(`length ${lengthBytes}, not ${sizeBytes}`);
    return { kind: 'bytes', skipBytes: start, surplusBytes: sizeBytes - end, etag: plainEtag(headers.etag) };
  }
  if (status === 416) return mismatch(`no bytes ${start}-${end - 1}`);
  const failure = new Failure(
    status === 429 ? 'busy' : 'server',
    `A data host of the Disk answered ${status}`,
  );
  // A 500 with a page of HTML is what a damaged link gets [rec]; it may as well be trouble. Both get a new link in the end.
  return troubles.has(status) ? { kind: 'trouble', failure } : { kind: 'dead-link', failure };
}

function mismatch(said: string): RangeReply {
  return {
    kind: 'mismatch',
    failure: new Failure('damaged', `Other bytes than those of the file were offered: ${said}`),
  };
}

/** `bytes 0-99/1234`, end made exclusive; undefined for anything else. */
function parseContentRange(
  header: string | undefined,
): { start: number; end: number; total: number | undefined } | undefined {
  const match = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(header ?? '');
  if (!match) return undefined;
  const [, first, last, total] = match;
  return { start: Number(first), end: Number(last) + 1, total: total === '*' ? undefined : Number(total) };
}

/** Without quotes and weakness mark: the form of the real ETag is not known. */
function plainEtag(header: string | undefined): string | undefined {
  return header
    ?.replace(/^W\//, '')
    .replace(/^"(.*)"$/, '$1')
    .toLowerCase();
}
