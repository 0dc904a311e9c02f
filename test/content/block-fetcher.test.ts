import { expect, it } from 'vitest';
import { BlockFetcher } from '../../src/content/block-fetcher.ts';
import { blockBytes } from '../../src/content/blocks.ts';
import type { Downloads } from '../../src/disk-api/downloads.ts';
import type { RemoteContent } from '../../src/disk-api/links.ts';
import { Failure } from '../../src/errors.ts';

const count = 4;
const content: RemoteContent = {
  path: 'disk:/film',
  sizeBytes: count * blockBytes,
  md5: undefined,
  sha256: undefined,
  versionTag: 'film@1',
  link: undefined,
};

/** Connections that bring what a test lets them bring; every range counts as slow, so that a second one is opened. */
function scriptedDownloads(scripts: readonly ((start: number) => AsyncGenerator<Uint8Array>)[]): Downloads {
  let opened = 0;
  const downloads: Pick<Downloads, 'read' | 'limited'> & {
    pace: Pick<Downloads['pace'], 'ended' | 'isSlow' | 'spend'>;
  } = {
    limited: false,
    pace: { ended: () => {}, isSlow: () => true, spend: () => true },
    read: (_, start) => scripts[opened++]?.(start) ?? nothing(),
  };
  return downloads as Downloads;
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

const block = (nth: number) => new Uint8Array(blockBytes).fill(nth + 1);

/** The faster of two connections: waits for the other one, and breaks in the middle. */
async function* breaking(otherStarted: Promise<void>, onBreak: () => void): AsyncGenerator<Uint8Array> {
  yield block(0);
  await otherStarted;
  yield block(1);
  yield block(2);
  onBreak();
  throw new Failure('offline', 'The faster one broke');
}

it('goes on over the slower of two connections when the faster one fails', async () => {
  const [second, failed] = [gate(), gate()];
  const downloads = scriptedDownloads([
    () => breaking(second.opened, failed.open),
    async function* (start) {
      second.open();
      await failed.opened;
      await new Promise((resolve) => setTimeout(resolve, 20));
      for (let nth = start / blockBytes; nth < count; nth++) yield block(nth);
    },
  ]);
  const arrived: number[] = [];
  const fetcher = new BlockFetcher(downloads, content, (index) => arrived.push(index));
  fetcher.start({ first: 0, end: count }, false);
  const last = await fetcher.arrival(count - 1, new AbortController().signal);
  expect(Buffer.from(last ?? []).equals(block(count - 1))).toBe(true);
  expect(arrived).toEqual([0, 1, 2, 3]);
});

it('fails when the slower one fails too', async () => {
  const [second, failed] = [gate(), gate()];
  const downloads = scriptedDownloads([
    () => breaking(second.opened, failed.open),
    async function* () {
      second.open();
      await failed.opened;
      await new Promise((resolve) => setTimeout(resolve, 20));
      yield block(1);
      throw new Failure('stale', 'So did the slower one');
    },
  ]);
  const fetcher = new BlockFetcher(downloads, content, () => {});
  fetcher.start({ first: 0, end: count }, false);
  await expect(fetcher.arrival(count - 1, new AbortController().signal)).rejects.toMatchObject({
    code: 'stale',
  });
  expect(fetcher.isPending(count - 1)).toBe(false);
});
