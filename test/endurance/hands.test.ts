import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Hands, Wrong } from '../../scripts/endurance/hands.ts';

function handsWithTwin() {
  const work = mkdtempSync(join(tmpdir(), 'yadiskfs-test-'));
  onTestFinished(() => rmSync(work, { recursive: true, force: true }));
  const [folder, twin] = [join(work, 'folder'), join(work, 'twin')];
  for (const side of [folder, twin]) mkdirSync(side);
  return { hands: new Hands(folder, twin), folder, twin };
}

describe('who works in a mount', () => {
  it('is told which bytes he has seen before he replaced or removed them', () => {
    const { hands, twin } = handsWithTwin();
    hands.create('a', Buffer.from('old'), false);
    hands.create('b', Buffer.from('new'), true);
    expect(hands.rename('b', 'a')?.toString()).toBe('old');
    expect(hands.rename('a', 'c')).toBeUndefined();
    expect(readFileSync(join(twin, 'c'), 'utf8')).toBe('new');
    expect(hands.unlink('c')?.toString()).toBe('new');
    expect([...hands.scan()]).toEqual([]);
  });

  it('knows that what is written to a removed file is nowhere', () => {
    const { hands } = handsWithTwin();
    for (const name of ['removed', 'replaced', 'kept', 'new']) hands.create(name, Buffer.from(name), false);
    const held = ['removed', 'replaced', 'kept'].map((name) => hands.open(name));
    hands.unlink('removed');
    hands.rename('new', 'replaced');
    hands.rename('kept', 'moved');
    expect(held.map((one) => hands.isRemoved(one))).toEqual([true, true, false]);
    for (const one of held) hands.close(one);
  });

  it('does the same in the twin, and finds what is otherwise there', () => {
    const { hands, folder, twin } = handsWithTwin();
    hands.create('a', Buffer.from('1234'), false);
    const held = hands.open('a');
    hands.append(held, 4, Buffer.from('56'));
    hands.overwrite(held, Buffer.from('abc'), false);
    hands.close(held);
    expect(readFileSync(join(twin, 'a'), 'utf8')).toBe('abc');
    expect(hands.read('a').toString()).toBe('abc');
    writeFileSync(join(folder, 'a'), 'abd');
    expect(() => hands.read('a')).toThrow(Wrong);
    expect(() => hands.unlink('a')).toThrow(Wrong);
    writeFileSync(join(folder, 'b'), 'only here');
    expect(hands.scan().get('b')).toBe('file');
    expect(hands.twinScan()?.get('b')).toBeUndefined();
  });
});
