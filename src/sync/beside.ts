import { randomBytes } from 'node:crypto';
import { extname } from 'node:path';
import { LocalChanges } from '../tree/local-changes.ts';
import {
  type Base,
  type BaseContent,
  blankNode,
  type LocalNode,
  type ServerPlace,
} from '../tree/local-node.ts';
import { epoch } from '../tree/times.ts';
import type { Shown } from './sameness.ts';
import type { Sending } from './sending.ts';

/*
 * A file whose bytes come to the server beside its place first, under a name of ours, and are moved there once they are seen to be right:
 *
 *   intent (a copy, or an upload under a neutral name) → bytes beside → the base is there, and what stands at the place is replaced
 *   → the planner sees a node that is not in its place → move step: looks at both, its own intent, one move with overwrite
 *
 * So whatever happens on the way is what happens to a file that was renamed here: deleted, renamed, written to or overtaken by others.
 */

const mark = '.yadiskfs-';
/** With four bytes a character still no longer than a name may be. */
const longestStem = 48;
const longestEnding = 16;

/** A place that nobody has, in the same folder: with the end of the file's own, by which the Disk tells kinds of files. */
export function placeBeside({ parentId, name }: ServerPlace): ServerPlace {
  const ending = extname(name).length > longestEnding ? '' : extname(name);
  const stem = [...name.slice(0, name.length - ending.length)].slice(0, longestStem).join('');
  return { parentId, name: `${uniqueName()}-${stem}${ending}` };
}

/** A name that nobody has. */
export function uniqueName(): string {
  return `${mark}${randomBytes(6).toString('hex')}`;
}

/**
 * Whether a file may be replaced by moving another one onto it. Its link, and who else sees it, would be lost: a published or shared one gets the
 * bytes. So does every one on a server that does not move onto files.
 */
export function mayBeMovedOnto(
  { moveOver, hooks }: Pick<Sending, 'moveOver' | 'hooks'>,
  { parentId }: ServerPlace,
  target: Shown,
): boolean {
  return !moveOver.isRefused && !target.isPublished && !target.isShared && !hooks.isShared(parentId);
}

/** The bytes are there, beside their place. The intent is done with; the move is due. */
export function settleBeside(
  { local, options, hooks, effects }: Sending,
  id: number,
  base: Base,
  details: Partial<Pick<LocalNode, 'draft' | 'modified'>>,
): void {
  const changes = new LocalChanges(local, options.now, hooks.knownAt);
  effects.note(id, base.parentId, undefined);
  local.apply(changes.putBeside(id, base, hooks.newId(), { ...details, trouble: undefined }));
}

/** What came, or may come yet, under a name of ours and is of no use: it is to be deleted. */
export function leaveToDelete(
  { local, hooks, options }: Sending,
  place: ServerPlace,
  content: BaseContent,
): void {
  const { parentId, name } = place;
  local.apply({
    put: [
      {
        ...blankNode(hooks.newId(), 'file', { parentId, name }, options.now()),
        state: 'deleted',
        base: { parentId, name, resourceId: undefined, content, modified: epoch, properties: undefined },
      },
    ],
  });
}
