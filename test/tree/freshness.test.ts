import { beforeEach, describe, expect, it } from 'vitest';
import { Freshness } from '../../src/tree/freshness.ts';

const intervalMs = 10_000;

describe('freshness', () => {
  let nowMs: number;
  let freshness: Freshness;
  const pass = (ms: number) => {
    nowMs += ms;
  };

  beforeEach(() => {
    nowMs = 1_000_000;
    freshness = new Freshness({ intervalMs, now: () => nowMs });
  });

  it('holds a listing good for as long as the revision stays the one that was read before it', () => {
    freshness.noteRevision(5);
    const stamp = freshness.stamp();
    pass(3600_000);
    expect(freshness.noteRevision(5)).toBe(false);
    expect(freshness.isGood(stamp, false)).toBe(true);
    expect(freshness.noteRevision(6)).toBe(true);
    expect(freshness.isGood(stamp, false)).toBe(false);
  });

  it('does not hold a listing good for a revision that was read after it was asked for', () => {
    freshness.noteRevision(5);
    const stamp = freshness.stamp();
    freshness.noteRevision(6);
    expect(freshness.isGood(stamp, false)).toBe(false);
  });

  it('believes what an earlier process listed, if the revision is the same', () => {
    freshness.noteRevision(5);
    expect(freshness.isGood({ revision: 5, askedAtMs: Number.NEGATIVE_INFINITY }, false)).toBe(true);
    expect(freshness.isGood({ revision: 4, askedAtMs: Number.NEGATIVE_INFINITY }, false)).toBe(false);
    expect(freshness.isGood({ revision: undefined, askedAtMs: Number.NEGATIVE_INFINITY }, false)).toBe(false);
  });

  it('goes by time in shared folders, and where no revision is told', () => {
    const stamp = freshness.stamp();
    pass(intervalMs - 1);
    expect(freshness.isGood(stamp, false)).toBe(true);
    pass(1);
    expect(freshness.isGood(stamp, false)).toBe(false);
    freshness.noteRevision(5);
    const shared = freshness.stamp();
    pass(intervalMs);
    expect(freshness.isGood(shared, true)).toBe(false);
    expect(freshness.isGood(shared, false)).toBe(true);
  });

  it('looks again at what was listed soon after a change: listings may lag behind the revision', () => {
    freshness.noteRevision(5);
    pass(1_000);
    freshness.noteRevision(6);
    const soon = freshness.stamp();
    expect(freshness.isGood(soon, false)).toBe(true);
    pass(5_000);
    expect(freshness.isGood(soon, false)).toBe(false);
    const later = freshness.stamp();
    pass(9_999);
    expect(freshness.isGood(later, false)).toBe(true);
    pass(1);
    expect(freshness.isGood(later, false)).toBe(false);
    pass(45_000);
    const settled = freshness.stamp();
    pass(3600_000);
    expect(freshness.isGood(settled, false)).toBe(true);
  });

  it('finds out that a revision does not follow what listings show, and goes by time then', () => {
    freshness.noteRevision(5);
    const stamp = freshness.stamp();
    pass(intervalMs);
    expect(freshness.isWorthChecking(stamp)).toBe(true);
    freshness.noteListing(stamp, true);
    expect(freshness.trust).toBe('suspected');
    freshness.noteRevision(5);
    freshness.noteRevision(5);
    expect(freshness.trust).toBe('useless');
    const listed = freshness.stamp();
    expect(freshness.isGood(listed, false)).toBe(true);
    pass(intervalMs);
    expect(freshness.isGood(listed, false)).toBe(false);
  });

  it('forgives a revision that was only late', () => {
    freshness.noteRevision(5);
    const stamp = freshness.stamp();
    pass(intervalMs);
    freshness.noteListing(stamp, true);
    freshness.noteRevision(6);
    expect(freshness.trust).toBe('unproven');
  });

  it('believes a revision that moved together with a listing, and checks it less often', () => {
    freshness.noteRevision(5);
    const stamp = freshness.stamp();
    freshness.noteRevision(6);
    freshness.noteListing(stamp, true);
    expect(freshness.trust).toBe('proven');
    const next = freshness.stamp();
    pass(intervalMs);
    expect(freshness.isWorthChecking(next)).toBe(false);
    pass(20_000);
    expect(freshness.isWorthChecking(next)).toBe(true);
  });
});
