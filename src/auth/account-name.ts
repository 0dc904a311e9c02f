import { Failure } from '../errors.ts';

export const defaultAccount = 'default';

/** Letters and digits of any script, with . _ @ + - inside: a name that is a file name and nothing else. */
const accountName = /^[\p{L}\p{N}][\p{L}\p{M}\p{N}._@+-]{0,63}$/u;
/** Room for `.json` and for what a temporary file adds, within the 255 bytes of a file name. */
const longestNameBytes = 200;

/** @throws Failure 'invalid' for a name that could be more than a name. */
export function checkedAccountName(text: string): string {
  const name = text.normalize('NFC');
  if (accountName.test(name) && Buffer.byteLength(name) <= longestNameBytes) return name;
  throw new Failure('invalid', 'Not a name for an account', {
    hint: 'A name has up to 64 letters and digits, with . _ @ + - between them, such as "work" or "anna@home".',
  });
}
