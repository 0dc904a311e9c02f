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
