import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasRoomFor, isAttributeName, markIn, markOf, markProperty } from '../../src/tree/mark.ts';
import { isSameTraits, noTraits, type Traits, withAttribute } from '../../src/tree/traits.ts';

const hex = (digits: number) =>
  fc
    .array(fc.constantFrom(...'0123456789abcdef'), { minLength: digits, maxLength: digits })
    .map((all) => all.join(''));
const content = fc.record({
  sizeBytes: fc.integer({ min: 1, max: 4_095 }),
  md5: fc.option(hex(32), { nil: undefined }),
  sha256: fc.option(hex(64), { nil: undefined }),
});
const attributeName = fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }).filter(isAttributeName);
const attributes = fc
  .array(fc.tuple(attributeName, fc.uint8Array({ maxLength: 40 })), { maxLength: 4 })
  .map((all) =>
    all.reduce((traits, [name, value]) => withAttribute(traits, name, Buffer.from(value)), noTraits),
  );
const anyTraits: fc.Arbitrary<Traits> = fc
  .record({
    permissions: fc.option(fc.integer({ min: 0, max: 0o7777 }), { nil: undefined }),
    isLink: fc.boolean(),
    of: attributes,
  })
  .map(({ permissions, isLink, of }) => ({
    permissions: isLink ? undefined : permissions,
    isLink,
    attributes: of.attributes,
  }));
const other = { sizeBytes: 5, md5: 'f'.repeat(32), sha256: undefined };

const inJson = (mark: unknown) => JSON.stringify({ theirs: 'x', [markProperty]: mark });

describe('the mark', () => {
  it('comes back as it was, for the same bytes', () => {
    fc.assert(
      fc.property(anyTraits, content, (traits, bytes) => {
        const mark = markOf(traits, bytes);
        const back = mark === undefined ? undefined : markIn(inJson(mark), bytes);
        expect(back ?? noTraits).toEqual(traits);
      }),
    );
  });

  it('says nothing where there is nothing to keep', () => {
    expect(markOf(noTraits, other)).toBeUndefined();
    expect(markOf(noTraits, undefined)).toBeUndefined();
  });

  it('does not count for other bytes, nor for a folder where it was of a file', () => {
    fc.assert(
      fc.property(anyTraits, content, (traits, bytes) => {
        fc.pre(bytes.md5 !== undefined && bytes.md5 !== other.md5);
        const mark = markOf(traits, bytes);
        expect(markIn(inJson(mark), other)).toBeUndefined();
        expect(markIn(inJson(mark), undefined)).toBeUndefined();
      }),
    );
  });

  it('takes no more of the room than it must', () => {
    const md5 = 'd41d8cd98f00b204e9800998ecf8427e';
    const bytes = { sizeBytes: 6, md5, sha256: 'a'.repeat(64) };
    expect(markOf({ ...noTraits, permissions: 0o755 }, bytes)).toBe('1 1B2M2Y8AsgTpgAmY7PhCfg 755');
    expect(markOf({ ...noTraits, isLink: true }, bytes)).toBe('1 1B2M2Y8AsgTpgAmY7PhCfg l');
    const traits = withAttribute(withAttribute(noTraits, 'b c', Buffer.from('text')), 'a', Buffer.from([0]));
    expect(markOf(traits, undefined)).toBe('1 - - a:AA b%20c=text');
  });

  it('is one text for one thing: whatever is read is written the same again', () => {
    const word = fc.oneof(
      fc.constantFrom(
        '1',
        '2',
        '-',
        'l',
        '755',
        '0755',
        '7777',
        '17777',
        '8',
        '',
        'a=b',
        'a:AA',
        'a:AB',
        'a=b c',
      ),
      fc.constantFrom(
        '%',
        '%zz=1',
        '%41=1',
        'yadisk.md5=1',
        '__proto__=1',
        '=x',
        'a',
        'b=1',
        'a=\u0000',
        'a="',
      ),
      fc.string({ maxLength: 12 }),
    );
    const text = fc.oneof(
      fc.array(word, { maxLength: 6 }).map((words) => words.join(' ')),
      fc.array(word, { maxLength: 4 }).map((words) => ['1 -', ...words].join(' ')),
    );
    fc.assert(
      fc.property(text, (mark) => {
        const traits = markIn(inJson(mark), undefined);
        if (traits) expect(markOf(traits, undefined) ?? '1 - -').toBe(mark);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is none where somebody has put something else there', () => {
    for (const strange of [
      7,
      null,
      true,
      {},
      ['1 - 755'],
      '',
      '2 - 755',
      '1 - 755 a=1 a=2',
      '1 - 755 b=1 a=2',
    ])
      expect(markIn(inJson(strange), undefined)).toBeUndefined();
    expect(markIn(undefined, undefined)).toBeUndefined();
    expect(markIn(JSON.stringify({ theirs: markProperty }), undefined)).toBeUndefined();
  });

  it('makes no link of a folder, of nothing, or of more than a target can be', () => {
    const link = { ...noTraits, isLink: true };
    for (const sizeBytes of [0, 4_096, 10_000_000_000]) {
      const bytes = { ...other, sizeBytes };
      expect(markIn(inJson(markOf(link, bytes)), bytes)).toBeUndefined();
    }
    expect(markIn(inJson('1 - l'), undefined)).toBeUndefined();
    expect(
      markIn(inJson(markOf(link, { ...other, sizeBytes: 4_095 })), { ...other, sizeBytes: 4_095 }),
    ).toEqual(link);
  });

  it('has room for what the Disk takes, date and mode included, and never for more', () => {
    const property = fc.dictionary(fc.string({ maxLength: 9 }), fc.string({ maxLength: 300 }), {
      maxKeys: 4,
    });
    fc.assert(
      fc.property(property, fc.uint8Array({ maxLength: 1_200 }), (theirs, value) => {
        const traits = withAttribute(noTraits, 'a', Buffer.from(value));
        const mark = markOf({ ...traits, permissions: 0o7777 }, other);
        const all = {
          ...theirs,
          rclone_modified: '2026-08-17T16:13:14.123456789+05:30',
          [markProperty]: mark,
        };
        const fits = hasRoomFor(traits, JSON.stringify(theirs));
        if (JSON.stringify(all).length > 1_024) expect(fits).toBe(false);
        if (Buffer.byteLength(JSON.stringify(all)) <= 1_000) expect(fits).toBe(true);
      }),
    );
  });
});

it('attributes are compared by name and value, whatever the order in which they were set', () => {
  const set = (...all: readonly (readonly [string, string])[]) =>
    all.reduce((traits, [name, value]) => withAttribute(traits, name, Buffer.from(value)), noTraits);
  const one = set(['a', '1'], ['b', '2'], ['a', '3']);
  expect(isSameTraits(one, set(['b', '2'], ['a', '3']))).toBe(true);
  expect(isSameTraits(one, set(['b', '2'], ['a', '4']))).toBe(false);
  expect(isSameTraits(one, withAttribute(one, 'b', undefined))).toBe(false);
});
