import { Failure } from '../errors.ts';

/** A source of one ready token, given from outside; fits the client's `TokenSource`. */
export function readyToken(token: string): { accessToken(): Promise<string> } {
  // What cannot stand in a header must not get as far as one: the error there would quote it.
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw new Failure('login-needed', 'The token contains characters that no token has', {
      hint: 'Look for blanks or line ends around the value of YADISKFS_TOKEN.',
    });
  }
  return { accessToken: async () => token };
}
