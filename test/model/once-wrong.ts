import type { Choice, ModelCase } from './model-case.ts';

interface OnceWrong {
  /** What it was. */
  readonly what: string;
  readonly choice: Choice;
  readonly given: ModelCase;
  /** Where it was that a flush took too long; milliseconds of the run's own time. */
  readonly mostFlushMs?: number;
}

/** Cases that came out wrong once, as scripts/model-test has told them: seeds mean other cases when the acts change. */
export const onceWrong: readonly OnceWrong[] = [
  {
    what: 'others put a file in the place of a folder that is renamed here: the whole tree counted as damaged',
    choice: 'usual',
    given: {
      weather: 'refusing',
      acts: [
        { kind: 'web-other-kind', entry: 612 },
        { kind: 'rename', who: 'one', entry: 760, folder: 65, name: 'é' },
        { kind: 'pause', ms: 937 },
        { kind: 'web-other-kind', entry: 41 },
        { kind: 'write', who: 'two', folder: 595, name: 'A', isLong: false },
        { kind: 'web-properties', entry: 483, writtenBy: 'one', isPublished: true },
        { kind: 'cut', isBlackHole: true },
        { kind: 'overwrite', who: 'one', entry: 1 },
        { kind: 'pause', ms: 10815 },
        { kind: 'pause', ms: 2444 },
        { kind: 'web-change', entry: 347 },
        { kind: 'web-properties', entry: 739, writtenBy: 'one', isPublished: false },
      ],
    },
  },
  {
    what: 'the same bytes from two sides, on a Disk that gives what is overwritten another number: never confirmed',
    choice: 'other',
    given: {
      weather: 'fair',
      acts: [
        { kind: 'make-folder', who: 'one', folder: 0, name: 'a' },
        { kind: 'make-folder', who: 'one', folder: 0, name: 'a' },
        { kind: 'append', who: 'two', entry: 0 },
        {
          kind: 'during',
          at: ['resources.upload-link', 'before-response'],
          act: { kind: 'web-properties', entry: 0, isPublished: false, writtenBy: undefined },
        },
        { kind: 'during', at: ['resources.get', 'before'], act: { kind: 'web-same', who: 'two' } },
        { kind: 'rename', who: 'one', entry: 0, folder: 0, name: 'a' },
      ],
    },
  },
  {
    what: 'a folder that others took away is made again, and another of ours has its name by now: the two undid each other for ever',
    choice: 'other',
    given: {
      acts: [
        { kind: 'hold', who: 'one', entry: 61 },
        { kind: 'pause', ms: 24 },
        { kind: 'pause', ms: 7 },
        { kind: 'web-change', entry: 318 },
        { kind: 'web-other-kind', entry: 38 },
        { kind: 'web-change', entry: 961 },
        { kind: 'remove', who: 'two', entry: 6 },
        { kind: 'rename', who: 'two', entry: 992, folder: 8, name: 'c.txt' },
        { kind: 'flush', who: 'two' },
        { kind: 'web-remove', entry: 3 },
        { kind: 'pause', ms: 6 },
        { kind: 'write', who: 'one', folder: 7, name: 'b', isLong: true },
        { kind: 'pause', ms: 8 },
        { kind: 'web-move', entry: 3, folder: 923, name: 'a' },
        { kind: 'make-folder', who: 'one', folder: 998, name: 'A' },
        { kind: 'rename', who: 'one', entry: 996, folder: 0, name: 'b' },
        { kind: 'make-folder', who: 'two', folder: 9, name: 'é' },
        { kind: 'release', who: 'one' },
        { kind: 'hold', who: 'two', entry: 257 },
        { kind: 'append', who: 'one', entry: 855 },
        { kind: 'touch', who: 'two', entry: 6, sec: 958879121 },
        { kind: 'restore' },
      ],
      weather: 'fair',
    },
  },
  {
    what: 'others put a file in the place of a folder in which something was deleted here: a flush waited as if a listing could bring that back',
    choice: 'usual',
    mostFlushMs: 60_000,
    given: {
      acts: [
        { kind: 'rename', who: 'two', entry: 644, folder: 640, name: 'A' },
        { kind: 'hold', who: 'one', entry: 745 },
        {
          kind: 'during',
          at: ['resources.delete', 'before-response'],
          act: { kind: 'web-change', entry: 13 },
        },
        {
          kind: 'during',
          at: ['resources.move', 'before-response'],
          act: { kind: 'web-create', folder: 391, name: 'c.txt' },
        },
        { kind: 'pause', ms: 240000 },
        { kind: 'remove', who: 'one', entry: 31 },
        { kind: 'append', who: 'one', entry: 279 },
        { kind: 'during', at: ['resources.get', 'before'], act: { kind: 'web-other-kind', entry: 602 } },
        { kind: 'during', at: ['resources.move', 'before-response'], act: { kind: 'web-remove', entry: 28 } },
      ],
      weather: 'fair',
    },
  },
  {
    what: 'bytes of others that came along with a rename, in a folder that was removed here in that moment: they went with it, and nobody had seen them',
    choice: 'usual',
    given: {
      weather: 'fair',
      acts: [
        { kind: 'rename', who: 'one', entry: 75, folder: 0, name: 'd' },
        { kind: 'web-change', entry: 61 },
        { kind: 'overwrite', who: 'one', entry: 408 },
        {
          kind: 'during',
          at: ['resources.upload-link', 'before-response'],
          act: { kind: 'web-change', entry: 1000 },
        },
        { kind: 'remove', who: 'one', entry: 51 },
        { kind: 'overwrite', who: 'two', entry: 193 },
        { kind: 'web-properties', entry: 577, isPublished: false, writtenBy: undefined },
        { kind: 'web-same', who: 'two' },
        { kind: 'during', at: ['resources.get', 'before'], act: { kind: 'web-change', entry: 302 } },
        { kind: 'remove', who: 'one', entry: 523 },
        { kind: 'pause', ms: 28597 },
      ],
    },
  },
  {
    what: 'others removed the folder of a file that we had written, whose last listing had shown the past: a flush never ended',
    choice: 'other',
    given: {
      weather: 'fair',
      acts: [
        { kind: 'hold', who: 'one', entry: 29 },
        { kind: 'write', who: 'two', folder: 7, name: 'c.txt', isLong: true },
        { kind: 'remove', who: 'one', entry: 94 },
        {
          kind: 'during',
          at: ['resources.upload-link', 'before-response'],
          act: { kind: 'web-remove', entry: 999 },
        },
        { kind: 'web-same', who: 'two' },
        { kind: 'pause', ms: 28292 },
        { kind: 'web-change', entry: 1000 },
        { kind: 'restore' },
        { kind: 'web-change', entry: 6 },
        { kind: 'write', who: 'two', folder: 791, name: 'b', isLong: false },
        { kind: 'rename', who: 'one', entry: 753, folder: 4, name: 'é' },
        { kind: 'during', at: ['resources.get', 'before'], act: { kind: 'web-change', entry: 8 } },
        { kind: 'release', who: 'two' },
        { kind: 'release', who: 'one' },
        {
          kind: 'during',
          at: ['resources.delete', 'before-response'],
          act: { kind: 'web-same', who: 'one' },
        },
        { kind: 'web-change', entry: 7 },
        { kind: 'write', who: 'one', folder: 299, name: 'A', isLong: true },
      ],
    },
  },
];
