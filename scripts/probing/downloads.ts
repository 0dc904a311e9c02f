import type { DiskPath } from '../../src/disk-api/paths.ts';
import { type Bench, Unexpected } from './bench.ts';
import { found } from './resources.ts';
import type { WireReply } from './wire.ts';

const mostHops = 6;

export interface Download {
  readonly reply: WireReply;
  /** Redirects between the link and the bytes. */
  readonly hops: number;
}

/** The `file` link of a resource. @throws Error when it has none. */
export async function fileLink(bench: Bench, path: DiskPath, md5?: string): Promise<string> {
  const { file } = await found(bench, path, md5);
  if (file === undefined) throw new Error('the file came without a download link');
  return file;
}

/** Follows a link to where the bytes are. `what` names it for the report. */
export async function download(
  bench: Bench,
  link: string,
  what: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Download> {
  let url = link;
  for (let hops = 0; ; hops++) {
    const reply = await bench.data(url, hops === 0 ? what : 'where it led', { method: 'GET', headers });
    const { location } = reply.headers;
    const status = reply.status ?? 0;
    if (status < 300 || status >= 400 || status === 304 || location === undefined) return { reply, hops };
    if (hops >= mostHops) throw new Unexpected('a download', reply);
    url = new URL(location, url).href;
  }
}
