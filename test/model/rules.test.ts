import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { pause } from '../../src/async/pause.ts';
import { rules } from '../../src/sync/rules.ts';
import { OneMachine } from './one-machine.ts';

type Due = keyof typeof rules;
type Found = keyof (typeof rules)['delete'];

interface Row {
  readonly due: Due;
  readonly found: Found;
  readonly ruling: (typeof rules)[Due][Found];
  readonly files?: Readonly<Record<string, string>>;
  readonly here: (one: OneMachine) => Promise<void>;
  /** What others do before it is sent; with `after`, between the effect of ours and its first listing. */
  readonly there?: (one: OneMachine) => void;
  readonly after?: string;
  readonly outcome: Readonly<Record<string, string>>;
}

const calm = { operationMs: 0, operationMsPerItem: 0, finalAfterMs: 0 };
const doc = { doc: 'base' };
const change = (one: OneMachine) => one.write('doc', 'ours');
const rename = ({ machine }: OneMachine) => machine.rename('doc', 'moved');
const unlink = ({ machine }: OneMachine) => machine.unlink('doc');
const put = (path: string, text: string) => (one: OneMachine) => one.there(path, text);
const remove =
  (path: string) =>
  ({ disk }: OneMachine) =>
    disk.model.remove(`disk:/${path}`);
const replace = (path: string) => (one: OneMachine) => {
  remove(path)(one);
  one.there(`${path}/inner`, 'theirs');
};
/** As another resource, with other bytes. */
const putAnother = (one: OneMachine) => {
  remove('doc')(one);
  one.there('doc', 'theirs');
};
const copy = { 'doc (conflict)': 'ours' };
const folder = { doc: '/', 'doc/inner': 'theirs' };

const rows: readonly Row[] = [
  { due: 'upload-as-new', found: 'nothing', ruling: 'go', here: change, outcome: { doc: 'ours' } },
  {
    due: 'upload-as-new',
    found: 'as-ours',
    ruling: 'done',
    here: change,
    there: put('doc', 'ours'),
    outcome: { doc: 'ours' },
  },
  {
    due: 'upload-as-new',
    found: 'other',
    ruling: 'aside',
    here: change,
    there: put('doc', 'theirs'),
    outcome: { doc: 'theirs', ...copy },
  },
  {
    due: 'upload-as-new',
    found: 'other-kind',
    ruling: 'aside',
    here: change,
    there: put('doc/inner', 'theirs'),
    outcome: { ...folder, ...copy },
  },

  {
    due: 'upload-over',
    found: 'nothing',
    ruling: 'follow',
    files: doc,
    here: change,
    there: remove('doc'),
    outcome: { doc: 'ours' },
  },
  {
    ...{ due: 'upload-over', found: 'nothing', ruling: 'follow', files: doc, here: change },
    there: ({ disk }) => disk.model.move('disk:/doc', 'disk:/moved'),
    outcome: { moved: 'ours' },
  },
  {
    due: 'upload-over',
    found: 'as-before',
    ruling: 'go',
    files: doc,
    here: change,
    outcome: { doc: 'ours' },
  },
  {
    due: 'upload-over',
    found: 'as-ours',
    ruling: 'done',
    files: doc,
    here: change,
    there: put('doc', 'ours'),
    outcome: { doc: 'ours' },
  },
  {
    due: 'upload-over',
    found: 'other',
    ruling: 'aside',
    files: doc,
    here: change,
    there: put('doc', 'theirs'),
    outcome: { doc: 'theirs', ...copy },
  },
  {
    due: 'upload-over',
    found: 'other-kind',
    ruling: 'aside',
    files: doc,
    here: change,
    there: replace('doc'),
    outcome: { ...folder, ...copy },
  },

  {
    due: 'move-from',
    found: 'nothing',
    ruling: 'keep-ours',
    files: doc,
    here: rename,
    there: remove('doc'),
    outcome: {},
  },
  {
    ...{ due: 'move-from', found: 'nothing', ruling: 'keep-ours', files: doc, there: remove('doc') },
    here: async (one) => {
      await change(one);
      await rename(one);
    },
    outcome: { moved: 'ours' },
  },
  {
    due: 'move-from',
    found: 'as-before',
    ruling: 'go',
    files: doc,
    here: rename,
    outcome: { moved: 'base' },
  },
  {
    due: 'move-from',
    found: 'other',
    ruling: 'keep-ours',
    files: doc,
    here: rename,
    there: putAnother,
    outcome: { doc: 'theirs' },
  },
  {
    due: 'move-from',
    found: 'other-kind',
    ruling: 'keep-ours',
    files: doc,
    here: rename,
    there: replace('doc'),
    outcome: folder,
  },

  { due: 'move-to', found: 'nothing', ruling: 'go', files: doc, here: rename, outcome: { moved: 'base' } },
  {
    due: 'move-to',
    found: 'as-before',
    ruling: 'go',
    files: { ...doc, moved: 'old' },
    here: rename,
    outcome: { moved: 'base' },
  },
  {
    ...{ due: 'move-to', found: 'as-ours', ruling: 'done', files: doc, here: rename },
    there: ({ disk }) => disk.model.move('disk:/doc', 'disk:/moved'),
    outcome: { moved: 'base' },
  },
  {
    ...{
      due: 'move-to',
      found: 'other',
      ruling: 'aside',
      files: doc,
      here: rename,
      there: put('moved', 'theirs'),
    },
    outcome: { moved: 'theirs', 'moved (conflict)': 'base' },
  },
  {
    ...{
      due: 'move-to',
      found: 'other-kind',
      ruling: 'aside',
      files: doc,
      here: rename,
      there: put('moved/inner', 'theirs'),
    },
    outcome: { moved: '/', 'moved/inner': 'theirs', 'moved (conflict)': 'base' },
  },

  {
    due: 'delete',
    found: 'nothing',
    ruling: 'done',
    files: doc,
    here: unlink,
    there: remove('doc'),
    outcome: {},
  },
  { due: 'delete', found: 'as-before', ruling: 'go', files: doc, here: unlink, outcome: {} },
  {
    due: 'delete',
    found: 'other',
    ruling: 'give-way',
    files: doc,
    here: unlink,
    there: put('doc', 'theirs'),
    outcome: { doc: 'theirs' },
  },
  {
    due: 'delete',
    found: 'other-kind',
    ruling: 'give-way',
    files: doc,
    here: unlink,
    there: replace('doc'),
    outcome: folder,
  },

  {
    due: 'sent',
    found: 'nothing',
    ruling: 'again',
    here: change,
    after: 'uploader.put',
    there: remove('doc'),
    outcome: { doc: 'ours' },
  },
  {
    due: 'sent',
    found: 'as-before',
    ruling: 'again',
    files: doc,
    here: change,
    after: 'uploader.put',
    there: put('doc', 'base'),
    outcome: { doc: 'ours' },
  },
  {
    due: 'sent',
    found: 'as-ours',
    ruling: 'done',
    files: doc,
    here: change,
    after: 'uploader.put',
    outcome: { doc: 'ours' },
  },
  {
    due: 'sent',
    found: 'other',
    ruling: 'aside',
    here: change,
    after: 'uploader.put',
    there: put('doc', 'theirs'),
    outcome: { doc: 'theirs', ...copy },
  },
  {
    due: 'sent',
    found: 'other-kind',
    ruling: 'aside',
    here: change,
    after: 'uploader.put',
    there: replace('doc'),
    outcome: { ...folder, ...copy },
  },

  {
    due: 'shown',
    found: 'nothing',
    ruling: 'keep-ours',
    files: doc,
    here: rename,
    after: 'resources.move',
    there: remove('moved'),
    outcome: {},
  },
  {
    due: 'shown',
    found: 'as-ours',
    ruling: 'done',
    files: doc,
    here: rename,
    after: 'resources.move',
    outcome: { moved: 'base' },
  },
  {
    due: 'shown',
    found: 'other',
    ruling: 'give-way',
    files: doc,
    here: rename,
    after: 'resources.move',
    there: put('moved', 'theirs'),
    outcome: { moved: 'theirs' },
  },
  {
    ...{
      due: 'shown',
      found: 'other-kind',
      ruling: 'keep-ours',
      files: doc,
      here: rename,
      after: 'resources.move',
      there: replace('moved'),
    },
    outcome: { moved: '/', 'moved/inner': 'theirs' },
  },
];

describe('what is due here, and what is found there', () => {
  it.each(
    rows.map((row) => [row.due, row.found, row.ruling, row] as const),
  )('%s, %s: %s', async (due, found, ruling, row) => {
    expect(rules[due][found]).toBe(ruling);
    await OneMachine.run(calm, row.files ?? {}, async (one) => {
      const { wire } = one.disk;
      const gate =
        row.after === undefined ? undefined : wire.hold({ route: row.after, stage: 'before-response' });
      await row.here(one);
      await gate?.arrived();
      row.there?.(one);
      gate?.release();
      await pause(1, undefined);
      const there = Object.entries(await one.settled());
      expect(
        Object.fromEntries(
          there.map(([path, text]) => [path.replace(/ \(conflict [^)]*\)/, ' (conflict)'), text]),
        ),
      ).toEqual(row.outcome);
      expect(one.conflicts()).toHaveLength(ruling === 'aside' ? 1 : 0);
    });
  });

  it('is told as the documentation has it', () => {
    const text = readFileSync(new URL('../../docs/reliability.md', import.meta.url), 'utf8');
    const told = new Map(
      text.split('\n').flatMap((line) => {
        const [due, ...cells] = line
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim());
        const name = /\(`([a-z-]+)`\)$/.exec(due ?? '')?.[1];
        return name === undefined ? [] : [[name, cells] as const];
      }),
    );
    const founds: readonly Found[] = ['nothing', 'as-before', 'as-ours', 'other', 'other-kind'];
    for (const [due, rulings] of Object.entries(rules))
      expect([due, told.get(due)?.map((cell) => cell.replace('–', ''))]).toEqual([
        due,
        founds.map((found, index) => (told.get(due)?.[index] === '–' ? '' : rulings[found])),
      ]);
  });
});
