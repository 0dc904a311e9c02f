import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  bytesOf,
  bytesOfPiece,
  type Content,
  hashOf,
  overwritten,
  resized,
  sizeOf,
} from '../../scripts/crash/content.ts';

const change = fc.oneof(
  fc.record({
    at: fc.integer({ min: 0, max: 200 }),
    seed: fc.integer({ min: 0, max: 3 }),
    from: fc.integer({ min: 0, max: 50 }),
    lengthBytes: fc.integer({ min: 0, max: 100 }),
  }),
  fc.record({ resize: fc.integer({ min: 0, max: 250 }) }),
);

it('a content in words is what the same writes make of bytes', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 12 }), (changes) => {
      let content: Content = [];
      let bytes = Buffer.alloc(0);
      for (const one of changes) {
        if ('resize' in one) {
          content = resized(content, one.resize);
          const other = Buffer.alloc(one.resize);
          bytes.copy(other);
          bytes = other;
        } else if (one.lengthBytes > 0) {
          content = overwritten(content, one.at, one);
          const other = Buffer.alloc(Math.max(bytes.length, one.at + one.lengthBytes));
          bytes.copy(other);
          bytesOfPiece(one).copy(other, one.at);
          bytes = other;
        }
        expect(sizeOf(content)).toBe(bytes.length);
        expect(bytesOf(content).equals(bytes)).toBe(true);
      }
    }),
  );
});

it('a part of a stream is the same wherever one begins to make it, and streams are not alike', () => {
  const whole = bytesOfPiece({ seed: 7, from: 0, lengthBytes: 1000 });
  for (const from of [0, 1, 15, 16, 17, 500])
    expect(bytesOfPiece({ seed: 7, from, lengthBytes: 400 }).equals(whole.subarray(from, from + 400))).toBe(
      true,
    );
  expect(bytesOfPiece({ seed: 8, from: 0, lengthBytes: 1000 }).equals(whole)).toBe(false);
  expect(bytesOfPiece({ seed: 0, from: 5, lengthBytes: 3 }).equals(Buffer.alloc(3))).toBe(true);
});

it('equal bytes said otherwise have one hash', () => {
  const atOnce = [{ seed: 3, from: 0, lengthBytes: 100 }];
  const inTwo = overwritten(overwritten([], 0, { seed: 3, from: 0, lengthBytes: 60 }), 60, {
    seed: 3,
    from: 60,
    lengthBytes: 40,
  });
  expect(hashOf(inTwo)).toBe(hashOf(atOnce));
  expect(inTwo).toMatchObject(atOnce);
});
