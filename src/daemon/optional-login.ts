import type { TokenSource } from '../disk-api/api.ts';
import { failedWith } from '../errors.ts';

/**
 * For what is everybody's to look at: the login is used while it is good, since the Disk may show more to some, and left out where there is none or it
 * is not accepted any more.
 */
export function optionalLogin(login: TokenSource | undefined): TokenSource {
  let good = login;
  return {
    accessToken: async () => {
      try {
        return await good?.accessToken();
      } catch (error) {
        if (!failedWith(error, 'login-needed')) throw error;
        good = undefined;
        return undefined;
      }
    },
    refused: async (token) => {
      try {
        if (await good?.refused?.(token)) return true;
      } catch (error) {
        if (!failedWith(error, 'login-needed')) throw error;
      }
      good = undefined;
      return true;
    },
  };
}
