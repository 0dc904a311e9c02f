import { readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Drafts } from '../../src/content/drafts.ts';
import { Failure } from '../../src/errors.ts';
import { baseOf, bytesOf, contentOf, type DraftsFolder, draftsFolder, never } from './drafts-folder.ts';

const pieceBytes = 1 << 20;

let test: DraftsFolder;

beforeEach(async () => {
  test = await draftsFolder();
});
afterEach(() => test.remove());

/** A promise and how to settle it. */
function gate(): { readonly opened: Promise<void>; open: () => void } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}

async function collect(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe('a draft', () => {
  it('takes long streams and short writes, and gives them back', async () => {
    // More than is written in our own thread at once.
    const bytes = bytesOf(24 << 20, 3);
    const draft = await test.drafts.create({ name: 'a', path: 'disk:/a' });
    const writes: Promise<void>[] = [];
    for (let offset = 0; offset < bytes.length; offset += 128 << 10)
      writes.push(draft.write(bytes.subarray(offset, offset + (128 << 10)), offset));
    await Promise.all(writes);
    expect(draft.version).toBe(writes.length);
    expect((await contentOf(draft)).equals(bytes)).toBe(true);
    expect((await collect(draft.stream(0))).equals(bytes)).toBe(true);
    expect((await collect(draft.stream(bytes.length - 5))).equals(bytes.subarray(-5))).toBe(true);
    expect(await collect(draft.stream(bytes.length + 5))).toHaveLength(0);
    await draft.close();
  });

  it('shows what is written over its base, and asks the base for what is read only', async () => {
    const base = baseOf(bytesOf(300_000, 1), 1_000);
    const draft = await test.drafts.create({ name: 'a', path: 'disk:/a', base });
    await draft.write(Buffer.from('ours'), 100_000);
    const target = Buffer.alloc(10);
    expect(await draft.read(target, 99_997)).toBe(10);
    expect(target.subarray(3, 7).toString()).toBe('ours');
    expect(base.readBytes).toBe(6);
    await draft.truncate(100_002);
    await draft.truncate(200_000);
    expect(await draft.read(target, 99_999)).toBe(10);
    expect(target.toString('latin1', 1)).toBe('ou\0\0\0\0\0\0\0');
    expect(base.readBytes).toBe(7);
    expect(await draft.read(target, 200_000)).toBe(0);
    await draft.close();
    expect(base.readers).toBe(0);
  });

  it('is shared by all who open it, and closed by the last', async () => {
    const draft = await test.drafts.create({ name: 'a', path: 'disk:/a' });
    const options = { version: 0, openBase: baseOf(Buffer.alloc(0)).open };
    expect(await test.drafts.openExisting('a', options)).toBe(draft);
    await draft.write(Buffer.from('one'), 0);
    await draft.close();
    await draft.write(Buffer.from('two'), 3);
    const closing = draft.close();
    const [again, same] = await Promise.all([
      test.drafts.openExisting('a', { ...options, version: 7 }),
      test.drafts.openExisting('a', { ...options, version: 7 }),
    ]);
    await closing;
    expect(again).toBe(same);
    expect(again).not.toBe(draft);
    expect(again.version).toBe(7);
    expect((await contentOf(again)).toString()).toBe('onetwo');
    await expect(draft.write(Buffer.from('x'), 0)).rejects.toMatchObject({ code: 'bad-handle' });
    await again.close();
    await again.close();
  });

  it('is never opened twice under one name', async () => {
    const draft = await test.drafts.create({ name: 'a', path: 'disk:/a' });
    await draft.write(Buffer.from('ours'), 0);
    await expect(test.drafts.create({ name: 'a', path: 'disk:/b' })).rejects.toMatchObject({
      code: 'exists',
    });
    expect((await contentOf(draft)).toString()).toBe('ours');
    expect(await test.drafts.describe('a')).toMatchObject({ path: 'disk:/a', sizeBytes: 4 });
    await draft.close();
    // Bytes without a description are somebody's all the same.
    await writeFile(join(test.folder, 'lone.draft'), 'lone');
    await expect(test.drafts.create({ name: 'lone', path: 'disk:/c' })).rejects.toMatchObject({
      code: 'exists',
    });
    expect(await readFile(join(test.folder, 'lone.draft'), 'utf8')).toBe('lone');
    expect(await test.drafts.describe('lone')).toBeUndefined();
    await expect(test.drafts.create({ name: '../a', path: 'disk:/a' })).rejects.toMatchObject({
      code: 'invalid',
    });
  });

  it('is gone when it was removed, also when somebody has it open', async () => {
    const base = baseOf(bytesOf(5_000, 1));
    const draft = await test.drafts.create({ name: 'a', path: 'disk:/a', base });
    await test.drafts.remove('a');
    await draft.write(Buffer.from('still'), 0);
    await draft.complete(never);
    await draft.save();
    expect((await contentOf(draft)).toString('latin1', 0, 5)).toBe('still');
    await draft.close();
    expect(await test.drafts.names()).toEqual([]);
    expect(await readdir(test.folder)).toEqual(['format']);
    await expect(test.drafts.openExisting('a', { version: 0, openBase: base.open })).rejects.toMatchObject({
      code: 'not-found',
    });
  });
});

describe('completing', () => {
  it('leaves alone what was written meanwhile, whatever is written', async () => {
    const bytes = bytesOf(5 * pieceBytes + 77, 1);
    const base = baseOf(bytes);
    const draft = await test.drafts.create({ name: 'a', path: 'disk:/a', base });
    const expected = Buffer.from(bytes);
    // Each piece is held while something is written into it, across its ends, and behind it.
    base.gate = async (offset) => {
      for (const at of [offset + 10, offset + pieceBytes - 3, offset + 2 * pieceBytes]) {
        const ours = bytesOf(4_000, at).subarray(0, Math.max(0, Math.min(4_000, bytes.length - at)));
        ours.copy(expected, at);
        await draft.write(ours, at);
      }
    };
    await draft.complete(never);
    expect(draft.isComplete).toBe(true);
    base.gate = () => Promise.reject(new Error('Nothing is missing any more'));
    expect((await contentOf(draft)).equals(expected)).toBe(true);
    expect(base.readBytes).toBeLessThan(bytes.length);
    await draft.close();
    expect(base.readers).toBe(0);
  });

  it('does not bring back what was cut off meanwhile', async () => {
    const base = baseOf(bytesOf(100_000, 1));
    const draft = await test.drafts.create({ name: 'a', path: 'disk:/a', base });
    const held = gate();
    const isAsked = gate();
    base.gate = () => {
      isAsked.open();
      return held.opened;
    };
    const completing = draft.complete(never);
    const target = Buffer.alloc(100);
    const reading = draft.read(target, 0);
    await isAsked.opened;
    await draft.truncate(10);
    await draft.truncate(20);
    held.open();
    await completing;
    const expected = Buffer.concat([bytesOf(100_000, 1).subarray(0, 10), Buffer.alloc(10)]);
    expect((await contentOf(draft)).equals(expected)).toBe(true);
    // One that had begun before reads what there is after it.
    expect(await reading).toBe(20);
    expect(target.subarray(0, 20).equals(expected)).toBe(true);
    await draft.close();
  });

  it('ends when nobody waits for it, and goes on where it was', async () => {
    const bytes = bytesOf(3 * pieceBytes, 1);
    const base = baseOf(bytes);
    const draft = await test.drafts.create({ name: 'a', path: 'disk:/a', base });
    const abort = new AbortController();
    base.gate = async (offset) => {
      if (offset < 2 * pieceBytes) return;
      abort.abort();
      await new Promise(() => {});
    };
    await expect(draft.complete(abort.signal)).rejects.toMatchObject({ code: 'aborted' });
    expect(draft.isComplete).toBe(false);
    expect(base.readers).toBe(0);
    base.gate = () => Promise.resolve();
    await draft.save();
    await test.restart();
    const again = await test.drafts.openExisting('a', { version: 0, openBase: base.open });
    await Promise.all([again.complete(never), again.complete(never)]);
    expect(base.readBytes).toBe(bytes.length);
    expect((await contentOf(again)).equals(bytes)).toBe(true);
    await again.close();
    await draft.close();
  });

  it('ends when the draft is closed', async () => {
    const base = baseOf(bytesOf(1_000, 1));
    const draft = await test.drafts.create({ name: 'a', path: 'disk:/a', base });
    base.gate = () => new Promise(() => {});
    const completing = draft.complete(never);
    const failed = expect(completing).rejects.toMatchObject({ code: 'aborted' });
    await draft.close();
    await failed;
  });

  it('tells what its base fails with, and works when the base does again', async () => {
    const bytes = bytesOf(2_000, 1);
    const base = baseOf(bytes);
    const draft = await test.drafts.create({ name: 'a', path: 'disk:/a', base });
    base.gate = () => Promise.reject(new Failure('offline', 'No connection'));
    await expect(draft.complete(never)).rejects.toMatchObject({ code: 'offline' });
    await expect(contentOf(draft)).rejects.toMatchObject({ code: 'offline' });
    expect(base.readers).toBe(0);
    base.gate = () => Promise.resolve();
    expect((await contentOf(draft)).equals(bytes)).toBe(true);
    const shorter = baseOf(bytes.subarray(0, 1_500));
    const other = await test.drafts.create({
      name: 'b',
      path: 'disk:/b',
      base: { content: base.content, open: shorter.open },
    });
    await expect(other.complete(never)).rejects.toMatchObject({ code: 'damaged' });
    await other.close();
    await draft.close();
  });

  it('is over for good when the base is gone, unless all that is missing was written', async () => {
    const base = baseOf(bytesOf(2_000, 1));
    const draft = await test.drafts.create({ name: 'a', path: 'disk:/a', base });
    await draft.write(bytesOf(1_000, 2), 0);
    base.gate = () => Promise.reject(new Failure('stale', 'Gone'));
    await expect(draft.complete(never)).rejects.toMatchObject({ code: 'stale' });
    expect(await test.drafts.describe('a')).toMatchObject({ isBaseGone: true, missing: [1_000, 2_000] });
    await draft.close();
    base.gate = () => Promise.resolve();
    await test.restart();
    const again = await test.drafts.openExisting('a', { version: 0, openBase: base.open });
    await expect(again.complete(never)).rejects.toMatchObject({ code: 'stale' });
    const target = Buffer.alloc(1_000);
    await again.read(target, 0);
    expect(target.equals(bytesOf(1_000, 2))).toBe(true);
    await again.write(bytesOf(1_000, 3), 1_000);
    await again.complete(never);
    expect(again.isComplete).toBe(true);
    await again.close();
  });
});

describe('an upload of a draft', () => {
  it('waits for a write that is under way', async () => {
    const sizeBytes = 32 << 20;
    const draft = await test.drafts.create({ name: 'a', path: 'disk:/a' });
    await draft.truncate(sizeBytes);
    const { version } = draft;
    const writing = draft.write(Buffer.alloc(sizeBytes, 1), 0);
    while (draft.version === version) await Promise.resolve();
    expect(await collect(draft.stream(sizeBytes - 3))).toEqual(Buffer.of(1, 1, 1));
    await writing;
    await draft.close();
  });

  it('ends when the bytes change', async () => {
    const draft = await test.drafts.create({ name: 'a', path: 'disk:/a' });
    await draft.write(bytesOf(1 << 20, 1), 0);
    const stream = draft.stream(0)[Symbol.asyncIterator]();
    expect((await stream.next()).value).toHaveLength(256 << 10);
    await draft.write(Buffer.of(1), 0);
    await expect(stream.next()).rejects.toMatchObject({ code: 'local' });
    const truncating = draft.truncate(5);
    await expect(collect(draft.stream(0))).rejects.toMatchObject({ code: 'local' });
    await truncating;
    expect(await collect(draft.stream(0))).toHaveLength(5);
    await draft.close();
  });

  it('is of a complete one only', async () => {
    const base = baseOf(bytesOf(2_000, 1));
    const draft = await test.drafts.create({ name: 'a', path: 'disk:/a', base });
    await expect(collect(draft.stream(0))).rejects.toThrow('Not complete');
    await draft.close();
  });

  it('may be of what was frozen, which stays as it is', async () => {
    const base = baseOf(bytesOf(3 << 20, 1));
    const draft = await test.drafts.create({ name: 'a', path: 'disk:/a', base });
    await expect(draft.freeze()).rejects.toThrow('Not complete');
    await draft.complete(never);
    const writing = draft.write(Buffer.from('first'), 0);
    const freezing = draft.freeze();
    const later = draft.write(Buffer.from('later'), 0);
    const frozen = await freezing;
    const expected = Buffer.concat([Buffer.from('first'), bytesOf(3 << 20, 1).subarray(5)]);
    await Promise.all([writing, later]);
    const stream = frozen.stream(0);
    const begun = (await stream.next()).value as Uint8Array;
    // Over what is read, over what was read, behind the end; and all but a little is cut off.
    await draft.write(Buffer.alloc(700_000, 1), 100_000);
    await draft.write(Buffer.from('appended'), 3 << 20);
    await draft.truncate(10);
    await draft.truncate(2 << 20);
    expect(Buffer.concat([begun, await collect(stream)]).equals(expected)).toBe(true);
    expect((await collect(frozen.stream(0))).equals(expected)).toBe(true);
    await frozen.close();
    expect((await contentOf(draft)).toString('latin1', 0, 11)).toBe(
      `later${bytesOf(3 << 20, 1).toString('latin1', 5, 10)}\0`,
    );
    expect(await test.drafts.names()).toEqual(['a']);
    await draft.close();
  });

  it('does not keep a writer waiting for a copy of all that was frozen', async () => {
    const sizeBytes = 65 << 20;
    const draft = await test.drafts.create({ name: 'a', path: 'disk:/a' });
    await draft.truncate(sizeBytes);
    const frozen = await draft.freeze();
    await draft.write(Buffer.of(1), sizeBytes - 1);
    expect(await collect(frozen.stream(sizeBytes - 3))).toEqual(Buffer.alloc(3));
    await draft.truncate(0);
    await expect(collect(frozen.stream(sizeBytes - 3))).rejects.toMatchObject({ code: 'local' });
    await frozen.close();
    await draft.close();
  });
});

describe('what lies beside a draft', () => {
  it('tells where it belongs and what is here', async () => {
    const base = baseOf(bytesOf(10_000, 1));
    const draft = await test.drafts.create({ name: 'a', path: 'disk:/a', base });
    await draft.write(bytesOf(100, 2), 500);
    draft.moveTo('disk:/b/name "with\ud800 all"');
    await draft.save();
    expect(await test.drafts.describe('a')).toEqual({
      path: 'disk:/b/name "with\ud800 all"',
      base: base.content,
      sizeBytes: 10_000,
      missing: [0, 500, 600, 10_000],
      isBaseGone: false,
      wasSynced: false,
      isOfThisStart: true,
    });
    await draft.sync();
    expect(await test.drafts.describe('a')).toMatchObject({ wasSynced: true });
    // What comes from the base can be fetched again; what was written since may be torn.
    await draft.complete(new AbortController().signal);
    expect(await test.drafts.describe('a')).toMatchObject({ wasSynced: true });
    await draft.truncate(5_000);
    expect(await test.drafts.describe('a')).toMatchObject({ wasSynced: false });
    await draft.close();
  });

  it('is not written again while it says all', async () => {
    const draft = await test.drafts.create({ name: 'a', path: 'disk:/a' });
    const file = join(test.folder, 'a.json');
    const { ino } = await stat(file);
    await draft.write(bytesOf(1_000, 1), 0);
    await draft.save();
    expect((await stat(file)).ino).toBe(ino);
    await draft.sync();
    const synced = await stat(file);
    expect(synced.ino).not.toBe(ino);
    await draft.write(bytesOf(1_000, 2), 500);
    await draft.sync();
    await draft.close();
    expect(await stat(file)).toMatchObject({ ino: synced.ino, mtimeMs: synced.mtimeMs });
  });

  it('may be damaged: nothing is guessed, and the bytes stay', async () => {
    const base = baseOf(bytesOf(10_000, 1));
    const draft = await test.drafts.create({ name: 'a', path: 'disk:/a', base });
    await draft.write(bytesOf(100, 2), 500);
    await draft.close();
    const file = join(test.folder, 'a.json');
    const text = await readFile(file);
    let survived = 0;
    for (let at = 0; at < text.length; at++) {
      const spoilt = Buffer.from(text);
      spoilt[at] = (spoilt[at] ?? 0) ^ 1;
      await writeFile(file, spoilt);
      if (await test.drafts.describe('a')) survived++;
    }
    // The end of the last line is no part of what it says.
    expect(survived).toBeLessThanOrEqual(1);
    for (const wrong of [
      '',
      '{}',
      'null',
      text.toString().slice(0, -10),
      text.toString().replace('1', '2'),
    ]) {
      await writeFile(file, wrong);
      expect(await test.drafts.describe('a')).toBeUndefined();
      await expect(test.drafts.openExisting('a', { version: 0, openBase: base.open })).rejects.toMatchObject({
        code: 'damaged-store',
      });
    }
    expect(await test.drafts.names()).toEqual(['a']);
    expect((await readFile(join(test.folder, 'a.draft'))).subarray(500, 600).equals(bytesOf(100, 2))).toBe(
      true,
    );
  });

  it('counts after a loss of power as far as it was synced', async () => {
    const bytes = bytesOf(10_000, 1);
    const base = baseOf(bytes);
    const draft = await test.drafts.create({ name: 'a', path: 'disk:/a', base });
    await draft.write(bytesOf(100, 2), 500);
    await draft.sync();
    const synced = await readFile(join(test.folder, 'a.draft'));
    await draft.write(bytesOf(100, 3), 3_000);
    await draft.complete(never);
    await draft.close();
    // What was written and fetched since then has not reached the disk; what was saved about it has.
    await writeFile(join(test.folder, 'a.draft'), synced);
    await test.restart('second');
    expect(await test.drafts.describe('a')).toMatchObject({ missing: [0, 500, 600, 10_000] });
    const again = await test.drafts.openExisting('a', { version: 0, openBase: base.open });
    bytesOf(100, 2).copy(bytes, 500);
    expect((await contentOf(again)).equals(bytes)).toBe(true);
    await again.write(bytesOf(100, 4), 700);
    await again.close();
    await test.restart('second');
    expect(await test.drafts.describe('a')).toMatchObject({ missing: [0, 500, 600, 700, 800, 10_000] });
  });

  it('does not hide that somebody cut the bytes off', async () => {
    const draft = await test.drafts.create({ name: 'a', path: 'disk:/a' });
    await draft.write(bytesOf(1_000, 1), 0);
    await truncate(join(test.folder, 'a.draft'), 500);
    await expect(contentOf(draft)).rejects.toMatchObject({ code: 'damaged-store' });
    await draft.close();
  });

  it('belongs to a folder of one format', async () => {
    const format = join(test.folder, 'format');
    expect(JSON.parse(await readFile(format, 'utf8'))).toEqual({ version: 1 });
    const open = () => Drafts.open({ folder: test.folder, minFreeBytes: 0, bootId: 'first' });
    await writeFile(format, '{"version":2}');
    await expect(open()).rejects.toMatchObject({ code: 'too-new' });
    await writeFile(format, 'nonsense');
    await expect(open()).rejects.toMatchObject({ code: 'damaged-store' });
    expect(await readFile(format, 'utf8')).toBe('nonsense');
  });
});
