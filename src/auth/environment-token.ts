import { Failure } from '../errors.ts';
import { isHeaderSafe } from './secret-text.ts';

/** A source of one ready token, given from outside; fits the client's `TokenSource`. `origin` names where it was given. */
export function readyToken(
  token: string,
  origin = 'YADISKFS_TOKEN',
): { accessToken(): Promise<string>; heldToken(): string } {
  if (!isHeaderSafe(token)) {
    throw new Failure('login-needed', 'The token contains characters that no token has', {
      hint: `Look for blanks or line ends around the value of ${origin}.`,
    });
  }
  return { accessToken: async () => token, heldToken: () => token };
}
