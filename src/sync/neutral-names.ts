import type { ServerPlace } from '../tree/local-node.ts';
import { mayBeMovedOnto, uniqueName } from './beside.ts';
import { lookAt } from './folder-looks.ts';
import type { Outgoing } from './outgoing.ts';
import type { Sending } from './sending.ts';

/**
 * Endings of names whose files the Disk takes at the speed of the line: pictures, texts, documents and the like.
 *
 * It was seen to take `data`, `compressed` and `video` at some 128 KiB a second, and once also mp3, by the name that the upload link was asked for
 * (API reference: 5). `data` is all that it knows no other kind for, so that the list is of those that are something else.
 */
const quickEndings: ReadonlySet<string> = new Set(
  [
    'jpg jpeg jpe png gif webp heic heif bmp svg tif tiff ico',
    'txt md pdf rtf doc docx odt ppt pptx odp xls xlsx ods csv tsv',
    'epub fb2 djvu',
    'html htm css xml json yaml yml log ini conf cfg tex',
    'c h cc cpp hpp cs py js ts jsx tsx java go rs rb php sh sql vb',
    'ttf otf woff woff2',
  ].flatMap((line) => line.split(' ')),
);

/** At that speed a file of this size takes two seconds; the move costs three requests. */
export const slowFromBytes = 256 << 10;

/** Whether the Disk may take such a file slowly. */
function mayBeSlow(name: string): boolean {
  const dot = name.lastIndexOf('.');
  return dot <= 0 || !quickEndings.has(name.slice(dot + 1).toLowerCase());
}

/** Where the bytes of an upload go: to their place, or beside it. */
export interface SentTo {
  readonly place: ServerPlace;
  readonly path: string;
  readonly isBeside: boolean;
}

/** Under a neutral name, where that is wanted and the kind of file may be taken slowly. */
export async function destination(
  sending: Sending,
  { place, path, from }: Outgoing,
  sizeBytes: number,
  signal: AbortSignal,
): Promise<SentTo> {
  const straight = { place, path, isBeside: false };
  if (sizeBytes < sending.options.neutralFromBytes || !mayBeSlow(place.name)) return straight;
  if (from) {
    const target = await lookAt(sending.api, path, signal);
    if (!target || !mayBeMovedOnto(sending, place, target)) return straight;
  }
  const beside = neutralPlace(place);
  return { place: beside, path: sending.paths.at(beside), isBeside: true };
}

/**
 * A place that nobody has, in the same folder, under a name that tells nothing of the kind. The Disk takes names without an ending for `data`,
 * which is one of the kinds that it takes slowly; `.txt` was recorded as `document`, which is none (API reference: 5, 8).
 */
function neutralPlace({ parentId }: ServerPlace): ServerPlace {
  return { parentId, name: `${uniqueName()}.txt` };
}
