import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { longestNameBytes, shownName } from '../../src/tree/names.ts';

/** Names that are likely to collide: made of what the escape is made of. */
const trickyName = fc
  .array(
    fc.constantFrom(
      '/',
      '\0',
      '.',
      '..',
      '␛',
      '␛2F',
      '␛␛',
      '␛~',
      '␛uD800',
      '2F',
      '2E',
      'a',
      'Ж',
      '👍',
      '\ud800',
      '\udc00',
      '~',
      'u',
      '0',
    ),
    { minLength: 1, maxLength: 8 },
  )
  .map((parts) => parts.join(''));
const longName = fc
  .tuple(
    fc.constantFrom('Ж', 'x', '👍', '␛', '/'),
    fc.integer({ min: 100, max: 400 }),
    fc.constantFrom('', '.txt', '.я'),
  )
  .map(([character, count, ending]) => character.repeat(count) + ending);
const anyName = fc.oneof(trickyName, longName, fc.string({ unit: 'binary', minLength: 1 }));

describe('shownName', () => {
  it('shows an ordinary name as it is', () => {
    for (const name of [
      'a',
      'Отпуск.jpg',
      ' leading',
      'trailing.',
      'a:b',
      'tab\there',
      'line\nend',
      '👍🏽',
      '100%2F',
      '...',
      '␛',
      '.git',
    ]) {
      expect(shownName(name)).toBe(name);
    }
  });

  it('escapes what a Linux folder cannot hold', () => {
    expect(shownName('a/b')).toBe('a␛2Fb');
    expect(shownName('a\0b')).toBe('a␛00b');
    expect(shownName('.')).toBe('␛2E');
    expect(shownName('..')).toBe('␛2E␛2E');
    expect(shownName('\ud800x')).toBe('␛uD800x');
    expect(shownName('a␛2Fb')).toBe('a␛␛2Fb');
    expect(shownName('')).not.toBe('');
  });

  it('cuts a long name to 255 bytes and keeps its ending', () => {
    const shown = shownName(`${'Ж'.repeat(250)}.jpeg`);
    expect(Buffer.byteLength(shown)).toBeLessThanOrEqual(255);
    expect(shown).toMatch(/^Ж+␛~[0-9a-f]{16}\.jpeg$/);
    expect(shownName('Ж'.repeat(127))).toBe('Ж'.repeat(127));
  });

  it('always gives a name that Linux can hold', () => {
    fc.assert(
      fc.property(anyName, (name) => {
        const shown = shownName(name);
        const bytes = Buffer.from(shown, 'utf8');
        expect(bytes.length).toBeGreaterThan(0);
        expect(bytes.length).toBeLessThanOrEqual(longestNameBytes);
        expect(shown).not.toMatch(/[/\0]/);
        expect(['.', '..']).not.toContain(shown);
        expect(bytes.toString('utf8')).toBe(shown);
      }),
      { numRuns: 3000 },
    );
  });

  it('never shows two short names as one, whatever they are made of', () => {
    const characters = ['␛', '/', '2', 'F', '.', '~', '\ud800'];
    let names = [''];
    const shown = new Map<string, string>();
    for (let length = 1; length <= 5; length++) {
      names = names.flatMap((name) => characters.map((character) => name + character));
      for (const name of names) {
        expect(shown.get(shownName(name))).toBeUndefined();
        shown.set(shownName(name), name);
      }
    }
  });

  it('cannot be led to a name that a cut one has', () => {
    const long = `${'x'.repeat(231)}␛${'y'.repeat(100)}`;
    const cut = shownName(long);
    expect(shownName(cut)).not.toBe(cut);
    expect(shownName(cut.replace('␛␛', '␛'))).not.toBe(cut);
    expect(cut).not.toContain('␛␛');
  });

  it('never shows two names as one', () => {
    fc.assert(
      fc.property(fc.uniqueArray(anyName, { minLength: 2, maxLength: 30 }), (names) => {
        expect(new Set(names.map(shownName)).size).toBe(names.length);
      }),
      { numRuns: 2000 },
    );
  });
});
