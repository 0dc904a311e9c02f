import { pause } from '../../src/async/pause.ts';
import { type OneMachine, withoutDate } from './one-machine.ts';

export const deeds = [
  'create',
  'change',
  'rename',
  'move',
  'delete',
  'other-kind',
  'move-folder',
  'delete-folder',
  'properties',
] as const;
export type Deed = (typeof deeds)[number];

/** When the others act: before anything was sent; while the last look is on its way; when ours has taken effect, and we do not know it yet. */
export type Moment = 'before' | 'during' | 'after';

export const files = { 'f/doc.txt': 'base', 'f/other': 'x', 'to/y': 'y' };

export async function doHere(one: OneMachine, deed: Deed): Promise<void> {
  const { machine } = one;
  switch (deed) {
    case 'create':
      return one.write('f/new.txt', 'ours');
    case 'change':
      return one.write('f/doc.txt', 'ours');
    case 'rename':
      return machine.rename('f/doc.txt', 'f/renamed.txt');
    case 'move':
      return machine.rename('f/doc.txt', 'to/doc.txt');
    case 'delete':
      return machine.unlink('f/doc.txt');
    case 'other-kind':
      await machine.unlink('f/doc.txt');
      return machine.makeFolder('f/doc.txt');
    case 'move-folder':
      return machine.rename('f', 'to/f');
    case 'delete-folder':
      return one.removeAll('f');
    case 'properties':
      return machine.touch('f/doc.txt', { sec: 1_000_000_000, nsec: 0 });
  }
}

/** What cannot be done is not done. */
export function doThere({ disk: { model } }: OneMachine, deed: Deed): void {
  const has = (path: string) => model.find(`disk:/${path}`) !== undefined;
  switch (deed) {
    case 'create':
      if (has('f/new.txt') || has('f')) model.putFile('disk:/f/new.txt', 'theirs');
      return;
    case 'change':
      if (has('f/doc.txt') && model.find('disk:/f/doc.txt')?.kind === 'file')
        model.putFile('disk:/f/doc.txt', 'theirs');
      return;
    case 'rename':
      if (has('f/doc.txt')) model.move('disk:/f/doc.txt', 'disk:/f/theirs.txt');
      return;
    case 'move':
      if (has('f/doc.txt')) model.move('disk:/f/doc.txt', 'disk:/to/theirs.txt');
      return;
    case 'delete':
      if (has('f/doc.txt')) model.remove('disk:/f/doc.txt');
      return;
    case 'other-kind':
      if (!has('f/doc.txt')) return;
      model.remove('disk:/f/doc.txt');
      model.putFile('disk:/f/doc.txt/theirs', 'theirs');
      return;
    case 'move-folder':
      if (has('f')) model.move('disk:/f', 'disk:/g');
      return;
    case 'delete-folder':
      if (has('f')) model.remove('disk:/f');
      return;
    case 'properties':
      if (!has('f/doc.txt')) return;
      model.touch('disk:/f/doc.txt', { properties: { somebody: 'else' } });
      model.publish('disk:/f/doc.txt');
  }
}

/** Longer than any listing lags in the settings. */
const longestLagMs = 3_000;

/** The request before which, or the request after which, others act. */
const gates: Readonly<Record<Deed, { readonly look: string; readonly change: string }>> = {
  create: { look: 'resources.upload-link', change: 'uploader.put' },
  change: { look: 'resources.upload-link', change: 'uploader.put' },
  rename: { look: 'resources.get', change: 'resources.move' },
  move: { look: 'resources.get', change: 'resources.move' },
  delete: { look: 'resources.get', change: 'resources.delete' },
  'other-kind': { look: 'resources.get', change: 'resources.delete' },
  'move-folder': { look: 'resources.get', change: 'resources.move' },
  'delete-folder': { look: 'disk.get', change: 'resources.delete' },
  properties: { look: 'resources.patch', change: 'resources.patch' },
};

/** What the Disk holds in the end, in one line. */
export async function outcomeOf(one: OneMachine, here: Deed, there: Deed, moment: Moment): Promise<string> {
  const { wire } = one.disk;
  const { look, change } = gates[here];
  const gate =
    moment === 'before'
      ? undefined
      : wire.hold(
          moment === 'during'
            ? { route: look, stage: look === 'resources.upload-link' ? 'before-response' : 'before' }
            : { route: change, stage: 'before-response' },
        );
  // What the others do a moment before the last look may be hidden from that by a listing that lags.
  if (moment === 'before') one.disk.wire.cut({ roles: ['api'] });
  await doHere(one, here);
  if (gate) await gate.arrived();
  doThere(one, there);
  gate?.release();
  if (moment === 'before') {
    await pause(longestLagMs, undefined);
    await one.disk.wire.restore();
  }
  return inOneLine(await one.settled());
}

function inOneLine(there: Readonly<Record<string, string>>): string {
  const isEmpty = (folder: string) => !Object.keys(there).some((path) => path.startsWith(`${folder}/`));
  return Object.entries(there)
    .filter(([path, text]) => text !== '/' || isEmpty(path))
    .filter(([path]) => path !== 'to/y')
    .map(([path, text]) => (text === '/' ? `${withoutDate(path)}/` : `${withoutDate(path)}=${text}`))
    .sort()
    .join(' ');
}
