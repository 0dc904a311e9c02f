import { describe, expect, it, vi } from 'vitest';
import { ChangeTimes } from '../../src/fs/change-times.ts';
import type { LocalChange } from '../../src/tree/local-change.ts';
import { blankNode } from '../../src/tree/local-node.ts';

describe('what is noted of changes', () => {
  it('stays when the node is written down later with the date of a change before', () => {
    vi.useFakeTimers({ now: 5_000 });
    try {
      let tell: (change: LocalChange) => void = () => {};
      const times = new ChangeTimes({
        onChange: (listener) => {
          tell = listener;
          return () => {};
        },
      });
      const node = blankNode(7, 'file', { parentId: 1, name: 'f' }, 4_000);
      tell({ put: [node] });
      expect(times.changed(7)).toBe(4_000);
      times.noteChange(7);
      tell({ put: [node] });
      expect(times.changed(7)).toBe(5_000);
      tell({ put: [{ ...node, changedAtMs: 6_000 }] });
      expect(times.changed(7)).toBe(6_000);
    } finally {
      vi.useRealTimers();
    }
  });
});
