import type { BaseContent } from './local-node.ts';
import type { Traits } from './traits.ts';

/**
 * The one property of ours, which keeps traits on the Disk: words with a space between.
 *
 *   1 HASH MODE [NAME=TEXT | NAME:BASE64URL]…
 *
 * `1` is the version of the format. HASH names the bytes of the file that it describes, by the md5 in base64url (else `s` and the sha256; `-` for a
 * folder, and where the Disk tells neither): a file with other bytes, which somebody put there who knows nothing of this, has no traits. MODE is the
 * permissions in octal, `-` for none, `l` for a symbolic link. Then the extended attributes, sorted by name, in percent-encoding and without
 * `user.`; a value stands as it is where it has only printable characters that JSON takes as they are.
 *
 * Whatever is not exactly of that form, of another version or of other bytes, is no mark.
 */
export const markProperty = 'yadiskfs';
/** Where rclone keeps a file's date; so do we. */
export const dateProperty = 'rclone_modified';

/** What the kernel takes as a target of a link: PATH_MAX less the NUL at its end. */
export const longestTargetBytes = 4_095;

const version = '1';
const noHash = '-';
const noMode = '-';
const linkMode = 'l';
const mostPermissions = 0o7777;
/** The kernel's longest name is one of 255 bytes, with `user.`. */
const longestNameBytes = 250;
const someContent: Content = { sizeBytes: 0, md5: '0'.repeat(32), sha256: undefined };
/** The Disk takes 1,024 characters of properties; nobody has seen what exactly it counts (API reference, 4 and 10.13). */
const mostPropertyBytes = 1_000;
const longestDate = '2026-08-17T16:13:14.123456789+05:30';
/** Shown by the Disk itself, and never kept. */
const reservedNames = 'yadisk.';

/** Characters that a property takes of its room as they are. */
const plainText = /^[!#-[\]-~]*$/;

type Content = Pick<BaseContent, 'sizeBytes' | 'md5' | 'sha256'>;

/** @param content the bytes that it describes; undefined for a folder. @returns undefined where there is nothing to keep */
export function markOf(traits: Traits, content: Content | undefined): string | undefined {
  const { permissions, isLink, attributes } = traits;
  if (permissions === undefined && !isLink && attributes.length === 0) return undefined;
  const mode = isLink ? linkMode : (permissions?.toString(8) ?? noMode);
  const words = attributes.map(([name, value]) => encodeURIComponent(name) + attributeValue(value));
  return [version, hashOf(content), mode, ...words].join(' ');
}

/** Whether the Disk takes a mark beside the properties that are there, whatever date and mode come to them. */
export function hasRoomFor(traits: Traits, properties: string | undefined): boolean {
  const mark = markOf({ ...traits, permissions: mostPermissions }, someContent);
  const there = properties === undefined ? {} : (JSON.parse(properties) as object);
  const all = JSON.stringify({ ...there, [dateProperty]: longestDate, [markProperty]: mark });
  return Buffer.byteLength(all) <= mostPropertyBytes;
}

/** What properties, in JSON, tell of a file with these bytes, or of a folder; undefined: nothing. */
export function markIn(properties: string | undefined, content: Content | undefined): Traits | undefined {
  const text = markText(properties);
  return text === undefined ? undefined : parseMark(text, content);
}

/** The mark among properties, in JSON, whatever it says. */
export function markText(properties: string | undefined): string | undefined {
  // Most have none; a date nearly all.
  if (properties === undefined || !properties.includes(markProperty)) return undefined;
  const text = (JSON.parse(properties) as Readonly<Record<string, unknown>>)[markProperty];
  return typeof text === 'string' ? text : undefined;
}

function parseMark(text: string, content: Content | undefined): Traits | undefined {
  const [itsVersion, hash, mode = '', ...words] = text.split(' ');
  if (itsVersion !== version || hash !== hashOf(content)) return undefined;
  const isLink = mode === linkMode;
  if (isLink && !mayBeTarget(content)) return undefined;
  const permissions = isLink || mode === noMode ? undefined : Number.parseInt(mode, 8);
  if (!isLink && (permissions?.toString(8) ?? noMode) !== mode) return undefined;
  if (permissions !== undefined && permissions > mostPermissions) return undefined;
  const attributes = words.map(parseAttribute);
  const known = attributes.flatMap((each) => (each ? [each] : []));
  const inOrder = known.every(([name], index) => index === 0 || (known[index - 1]?.[0] ?? '') < name);
  return known.length === words.length && inOrder ? { permissions, isLink, attributes: known } : undefined;
}

function parseAttribute(word: string): [string, string] | undefined {
  const match = /^([^=:]+)([=:])(.*)$/s.exec(word);
  const [, encoded = '', sign, text = ''] = match ?? [];
  const name = decoded(encoded);
  if (name === undefined || !isAttributeName(name)) return undefined;
  const value = sign === '=' ? Buffer.from(text).toString('base64url') : text;
  return `${encodeURIComponent(name)}${attributeValue(value)}` === word ? [name, value] : undefined;
}

/** Of `user.…`, what may be kept: the rest of the name. */
export function isAttributeName(name: string): boolean {
  return (
    name !== '' &&
    !name.includes('\0') &&
    !name.startsWith(reservedNames) &&
    Buffer.byteLength(name) <= longestNameBytes
  );
}

/** Canonical: of what is no base64url, other bytes come out. */
function attributeValue(value: string): string {
  const bytes = Buffer.from(value, 'base64url');
  const text = bytes.toString('latin1');
  return plainText.test(text) ? `=${text}` : `:${bytes.toString('base64url')}`;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function hashOf(content: Content | undefined): string {
  if (content?.md5 !== undefined) return Buffer.from(content.md5, 'hex').toString('base64url');
  if (content?.sha256 !== undefined) return `s${Buffer.from(content.sha256, 'hex').toString('base64url')}`;
  return noHash;
}

function mayBeTarget(content: Content | undefined): boolean {
  return content !== undefined && content.sizeBytes > 0 && content.sizeBytes <= longestTargetBytes;
}
