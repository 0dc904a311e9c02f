import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteRanges } from '../../src/content/byte-ranges.ts';

const range = fc.tuple(fc.nat(60), fc.nat(60)).map(([start, other]) => ({ start, end: other }));

describe('a set of bytes', () => {
  it('holds what an array of booleans holds', () => {
    fc.assert(
      fc.property(fc.nat(50), fc.array(range, { maxLength: 20 }), range, (size, removed, asked) => {
        const ranges = ByteRanges.upTo(size);
        const plain = Array.from({ length: size }, () => true);
        for (const { start, end } of removed) {
          ranges.remove(start, end);
          if (start < end) plain.fill(false, start, end);
        }
        const here = (parts: readonly { start: number; end: number }[]) =>
          parts.flatMap(({ start, end }) => Array.from({ length: end - start }, (_, at) => start + at));
        const all = plain.flatMap((isIn, at) => (isIn ? [at] : []));
        const { start, end } = asked;
        expect(here(ranges.within(0, 100))).toEqual(all);
        expect(here(ranges.within(start, end))).toEqual(all.filter((at) => at >= start && at < end));
        expect(ranges.isEmpty).toBe(all.length === 0);
        expect(ranges.first?.start).toBe(all[0]);
        expect(ByteRanges.areEdges(ranges.edges)).toBe(true);
        expect(ByteRanges.fromEdges(ranges.edges).within(0, 100)).toEqual(ranges.within(0, 100));
      }),
      { numRuns: 2_000 },
    );
  });

  it('knows what its edges cannot be', () => {
    expect([[], [0, 5], [0, 5, 7, 9]].every(ByteRanges.areEdges)).toBe(true);
    expect([[1], [5, 0], [3, 3], [0, 5, 5, 9], [-1, 4]].some(ByteRanges.areEdges)).toBe(false);
  });
});
