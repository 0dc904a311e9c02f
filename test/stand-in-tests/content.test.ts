import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { pieces } from '../stand-in/content/content.ts';
import { ContentWriter, storedContent } from '../stand-in/content/stored.ts';
import { syntheticContent } from '../stand-in/content/synthetic.ts';

const md5 = (bytes: Buffer) => createHash('md5').update(bytes).digest('hex');

test('synthetic bytes are the same for any way of reading them', () => {
  const size = 200_003;
  const content = syntheticContent('seed', size);
  const whole = content.read(0, size);
  expect(whole.length).toBe(size);
  for (const [start, end] of [
    [0, 1],
    [3, 9],
    [65_530, 65_545],
    [131_071, 131_074],
    [199_999, 200_003],
    [5, 199_000],
  ] as const) {
    expect(content.read(start, end).equals(whole.subarray(start, end))).toBe(true);
  }
  expect(content.read(size, size + 10).length).toBe(0);
  expect(Buffer.concat([...pieces(content, 10, 150_000)]).equals(whole.subarray(10, 150_000))).toBe(true);
});

test('synthetic bytes differ by seed and by block', () => {
  const one = syntheticContent('a', 200_000);
  const other = syntheticContent('b', 200_000);
  expect(one.read(0, 1000).equals(other.read(0, 1000))).toBe(false);
  const blocks = [0, 65_536, 131_072].map((start) => md5(one.read(start, start + 65_536)));
  expect(new Set(blocks).size).toBe(3);
});

test('hashes of synthetic content, small and large, are those of its bytes', async () => {
  for (const size of [0, 1, 5000, 3_000_000]) {
    const content = syntheticContent('h', size);
    expect((await content.hash()).md5).toBe(md5(content.read(0, size)));
    expect(content.digest).toEqual(await content.hash());
  }
});

test('stored content is read back whole and in parts', async () => {
  const writer = new ContentWriter();
  const bytes = syntheticContent('w', 5_000_000).read(0, 5_000_000);
  for (let at = 0; at < bytes.length; at += 700_001) writer.write(bytes.subarray(at, at + 700_001));
  const content = writer.content();
  expect(content.sizeBytes).toBe(bytes.length);
  expect(content.digest?.md5).toBe(md5(bytes));
  for (const [start, end] of [
    [0, bytes.length],
    [1_400_001, 1_400_003],
    [699_999, 4_200_000],
  ] as const) {
    expect(content.read(start, end).equals(bytes.subarray(start, end))).toBe(true);
  }
  expect(await storedContent('').hash()).toEqual({
    md5: 'd41d8cd98f00b204e9800998ecf8427e',
    sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  });
});
