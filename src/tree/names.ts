import { createHash } from 'node:crypto';

/**
 * Names as Linux can hold them. The Disk allows names that a Linux folder cannot have: "/", NUL, ".", "..", over 255 bytes, or
 * what is not Unicode at all. Such a name is shown with the sign `␛` (U+241B) before what was replaced; all others are shown
 * as they are.
 *
 *   ␛2F  a character by its two hexadecimal digits (`/`, NUL, `.`)
 *   ␛uD800  half of a surrogate pair, by four digits
 *   ␛~0123456789abcdef  the end of a name that was too long: part of the SHA-256 of the whole name; the ending is kept
 *   ␛␛  the sign itself, where the name would otherwise read as one of these
 */
const sign = '\u241B';
export const longestNameBytes = 255;
/** Of a name that is cut, what follows its last dot is kept up to this length; what is longer is no ending. */
export const longestEndingBytes = 32;

/** Where a sign would be read as the beginning of an escape, if it stood as it is. */
const ambiguousSign = new RegExp(`${sign}(?=[${sign}/\\0\\uD800-\\uDFFF~]|[0-9A-F]{2}|u[0-9A-F]{4})`, 'gu');

/** The name under which a name of the Disk is shown. Two names of the Disk never have the same one. */
export function shownName(name: string): string {
  let shown = name
    .replaceAll(ambiguousSign, `${sign}${sign}`)
    .replaceAll(/[/\0]/g, hexEscape)
    .replaceAll(/[\uD800-\uDFFF]/gu, surrogateEscape);
  if (shown === '.' || shown === '..') shown = shown.replaceAll('.', hexEscape);
  if (shown === '') return `${sign}~${nameHash(name)}`;
  return Buffer.byteLength(shown) <= longestNameBytes ? shown : shorten(shown, name);
}

/** Whether a name of the Disk is shown so. What is shown otherwise than it is called has the sign in it. */
export function isShownAs(diskName: string, name: string): boolean {
  return diskName === name || (name.includes(sign) && shownName(diskName) === name);
}

function hexEscape(character: string): string {
  return `${sign}${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}

/** With the `u` flag only halves without a partner match. */
function surrogateEscape(half: string): string {
  return `${sign}u${half.charCodeAt(0).toString(16).toUpperCase()}`;
}

function shorten(shown: string, name: string): string {
  const dot = shown.lastIndexOf('.');
  const lastPart = dot > 0 ? shown.slice(dot) : '';
  const ending = Buffer.byteLength(lastPart) <= longestEndingBytes ? lastPart : '';
  const mark = `${sign}~${nameHash(name)}${ending}`;
  const room = longestNameBytes - Buffer.byteLength(mark);
  let start = cutName(shown, room);
  // A sign before the mark would be read together with it.
  while (start.endsWith(sign)) start = start.slice(0, -sign.length);
  return `${start}${mark}`;
}

/** The beginning of a name, in whole characters, of at most so many bytes. */
export function cutName(name: string, longestBytes: number): string {
  let start = '';
  let startBytes = 0;
  for (const character of name) {
    startBytes += Buffer.byteLength(character);
    if (startBytes > longestBytes) break;
    start += character;
  }
  return start;
}

function nameHash(name: string): string {
  return createHash('sha256').update(name, 'utf16le').digest('hex').slice(0, 16);
}

/** Whether libfuse gives this name to an open file that was removed or replaced. */
export function isHiddenName(name: string): boolean {
  return /^\.fuse_hidden[0-9a-f]{16}$/.test(name);
}
