import type { Settings } from '../settings.ts';
import { Refusal } from './refusal.ts';

type NameSettings = Pick<
  Settings,
  | 'nameComparison'
  | 'nameStoredAs'
  | 'nameTrailing'
  | 'nameWindowsSet'
  | 'nameControls'
  | 'nameMax'
  | 'nameUnit'
>;

const windowsSet = /[\\:*?"<>|]/;
const windowsSetAll = /[\\:*?"<>|]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const controls = /[\u0000-\u001f\u007f]/;

/** What two names have in common if the Disk takes them for the same. */
export function nameKey(name: string, settings: Pick<Settings, 'nameComparison'>): string {
  switch (settings.nameComparison) {
    case 'exact':
      return name;
    case 'nfc':
      return name.normalize('NFC');
    case 'case':
      return name.normalize('NFC').toLowerCase();
  }
}

function nameLength(name: string, unit: Settings['nameUnit']): number {
  switch (unit) {
    case 'utf16':
      return name.length;
    case 'characters':
      return [...name].length;
    case 'bytes':
      return Buffer.byteLength(name);
  }
}

/**
 * The name under which something new is stored.
 * @throws Refusal 400 for a name that the Disk does not take.
 */
export function storedName(sent: string, settings: NameSettings): string {
  let name = settings.nameStoredAs === 'nfc' ? sent.normalize('NFC') : sent;
  const refused =
    name === '.' ||
    name === '..' ||
    (settings.nameTrailing === 'reject' && /[ .]$/.test(name)) ||
    (settings.nameWindowsSet === 'reject' && windowsSet.test(name)) ||
    (settings.nameControls === 'reject' && controls.test(name)) ||
    name.includes('\0');
  if (settings.nameTrailing === 'strip') name = name.replace(/[ .]+$/, '');
  if (settings.nameWindowsSet === 'rewrite') name = name.replace(windowsSetAll, '_');
  if (refused || name === '' || nameLength(name, settings.nameUnit) > settings.nameMax) {
    throw new Refusal('FieldValidationError', 'path');
  }
  return name;
}
