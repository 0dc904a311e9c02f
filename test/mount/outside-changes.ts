import type { Model } from '../stand-in/model/model.ts';

/** How somebody elsewhere puts files: some Disks show them late. */
export type Put = (path: string, text: string) => void;

export const lasting = Array.from({ length: 120 }, (_, index) => `lasting ${String(index).padStart(3, '0')}`);

/** What is on the Disk before anybody changes it. */
export function furnish(model: Model): void {
  for (const letter of ['a', 'b', 'c', 'd']) model.putFile(`disk:/docs/${letter}.txt`, `document ${letter}`);
  model.putFile('disk:/docs/deep/deeper/leaf.txt', 'leaf');
  model.putFile('disk:/docs/deep/other.txt', 'other');
  model.putFile('disk:/kinds/was a file', 'file');
  model.putFile('disk:/kinds/was a folder/inside', 'inside');
  model.putFile('disk:/swap/x', 'content of x');
  model.putFile('disk:/swap/y', 'y has other content');
  model.putFile('disk:/swap/one/first', 'in one');
  model.putFile('disk:/swap/two/second', 'in two');
  model.putFile('disk:/said/published.txt', 'for all to see');
  model.putFile('disk:/said/dated.txt', 'of another day');
  for (const name of lasting) model.putFile(`disk:/crowd/${name}`, name);
}

/** One way after the other in which others change a Disk. */
export const changes: readonly {
  readonly name: string;
  /** `crowd`: how many files come, and go, at once. */
  readonly make: (model: Model, put: Put, crowd: number) => void;
}[] = [
  {
    name: 'new, changed, deleted',
    make: (model, put) => {
      put('disk:/docs/new.txt', 'new');
      put('disk:/new folder/with/something.txt', 'something');
      model.mkdir('disk:/empty');
      put('disk:/docs/a.txt', 'document A'); // as long as before
      put('disk:/docs/b.txt', 'another length');
      put('disk:/docs/Ёлка\n.txt', 'not ASCII');
      put('disk:/top.txt', 'at the top');
      model.remove('disk:/docs/c.txt');
      model.remove('disk:/swap/two');
      put('disk:/swap/two/again', 'a folder that came back');
    },
  },
  {
    name: 'renamed and moved, folders too',
    make: (model, put) => {
      model.move('disk:/docs/a.txt', 'disk:/docs/renamed.txt');
      model.move('disk:/docs/b.txt', 'disk:/new folder/b.txt');
      model.move('disk:/docs/deep', 'disk:/new folder/depth');
      model.move('disk:/new folder/depth/deeper', 'disk:/up');
      model.move('disk:/new folder', 'disk:/no longer new');
      put('disk:/docs/b.txt', 'another b'); // where one has just left
      put('disk:/docs/deep', 'a file of the name of a folder that left');
    },
  },
  {
    name: 'other kinds, swapped names',
    make: (model, put) => {
      model.remove('disk:/kinds/was a file');
      put('disk:/kinds/was a file/is a folder', 'now');
      model.remove('disk:/kinds/was a folder');
      put('disk:/kinds/was a folder', 'now a file');
      swap(model, 'disk:/swap/x', 'disk:/swap/y');
      swap(model, 'disk:/swap/one', 'disk:/swap/two');
      model.move('disk:/up', 'disk:/kinds/up');
      put('disk:/up/leaf.txt', 'another leaf in another folder at the old path');
    },
  },
  {
    name: 'a crowd at once',
    make: (_, put, crowd) => {
      for (let index = 0; index < crowd; index++) put(`disk:/crowd/${index}`, `one of many: ${index}`);
    },
  },
  {
    name: 'said otherwise: published, dated, nothing but a newer revision',
    make: (model) => {
      model.publish('disk:/said/published.txt');
      model.patch('disk:/said/dated.txt', { rclone_modified: '2001-02-03T04:05:06.5Z' });
      model.touch('disk:/docs/d.txt', { modifiedMs: Date.UTC(2010, 1, 2) });
      model.touch('disk:/said', {});
    },
  },
  {
    name: 'the crowd gone, a folder with all that is in it too, which is brought back; a copy',
    make: (model, _, crowd) => {
      for (let index = 0; index < crowd; index++) model.remove(`disk:/crowd/${index}`, { permanently: true });
      model.remove('disk:/no longer new');
      const [thrown] = [...model.disk.trash.children.all()].filter(({ name }) => name === 'no longer new');
      if (!thrown) throw new Error('Not in the trash');
      model.restore(`trash:/${thrown.trashed?.key}`, { name: 'restored' });
      model.copy('disk:/docs', 'disk:/restored/copied');
    },
  },
];

function swap(model: Model, one: string, other: string): void {
  model.move(one, `${one} for a moment`);
  model.move(other, one);
  model.move(`${one} for a moment`, other);
}
