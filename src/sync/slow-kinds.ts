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
export function mayBeSlow(name: string): boolean {
  const dot = name.lastIndexOf('.');
  return dot <= 0 || !quickEndings.has(name.slice(dot + 1).toLowerCase());
}
