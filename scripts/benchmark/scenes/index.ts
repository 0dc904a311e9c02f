import type { Scene } from '../scene.ts';
import { warmStat } from './attributes.ts';
import { copyInside, versionControl } from './copying.ts';
import { changeElsewhere } from './elsewhere.ts';
import { millionFiles } from './large-disk.ts';
import { coldSequential, localWrite, memoryOfReading, randomRead, warmSequential } from './large-files.ts';
import { coldFind, findAfterRemount } from './listing.ts';
import { savesByRename, writeSmallFiles } from './saving.ts';
import { coldTar, photoHeads } from './small-files.ts';
import { untarAndRemove } from './unpacking.ts';

/** Every scene that can be run. @param scale 1 is the real size; less is for trying out. */
export function allScenes(scale: number): readonly Scene[] {
  return [
    coldFind(scale),
    coldTar(scale),
    coldSequential(scale),
    randomRead(scale),
    photoHeads(scale),
    findAfterRemount(scale),
    changeElsewhere(scale),
    warmStat(scale),
    warmSequential(scale),
    millionFiles(scale),
    memoryOfReading(scale),
    writeSmallFiles(scale),
    untarAndRemove(scale),
    savesByRename(),
    versionControl(scale),
    copyInside(scale),
    localWrite(scale),
  ];
}

/** A scene that cannot be run yet. */
export interface WaitingScene {
  readonly number: number;
  readonly title: string;
  readonly needs: string;
}

const needs = 'writing';

/** Scenes that wait for what is not there yet; said, so that nobody takes them for forgotten. Those that rclone can play are among them. */
export const waitingScenes: readonly WaitingScene[] = [
  { number: 6, title: 'write 100 small files: content and dates on the server', needs },
  { number: 7, title: 'untar 1,000 files in 100 folders: the command returns', needs },
  { number: 8, title: 'untar 1,000 files in 100 folders: all of it on the server', needs },
  { number: 9, title: 'rm -r of those', needs },
  { number: 10, title: 'five saves by write temp, fsync, rename over', needs },
  { number: 11, title: 'git init, add 30 files, commit, fsck', needs },
];
