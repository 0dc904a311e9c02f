import { makeFolders } from '../model/changes.ts';
import { type DiskPath, parsePath } from '../model/path.ts';
import { Refusal } from '../model/refusal.ts';
import type { Token } from '../oauth/tokens.ts';
import type { Exchange } from '../wire/index.ts';
import type { Endpoint, Service } from './service.ts';

/** Who asks, and how far it may go. */
export interface Access {
  readonly token: Token | null;
  /** The only folder that the token reaches; null for all. */
  readonly confinedTo: DiskPath | null;
}

/**
 * Lets a request in.
 * @throws Refusal 401 without a valid token, 403 without the right or the account, 429 above the rate.
 */
export function admit(service: Service, exchange: Exchange, endpoint: Endpoint): Access {
  const { settings } = service;
  if (!service.rate.admit(settings.apiRequestsPerSecond)) throw new Refusal('TooManyRequestsError');
  const given = /^OAuth +(\S+)$/.exec(exchange.req.headers.authorization ?? '')?.[1];
  const token = given === undefined ? null : service.tokens.valid(given);
  if (endpoint.needs === 'nothing') {
    if (given !== undefined && !token && settings.badTokenWithoutNeed === 'refused')
      throw new Refusal('UnauthorizedError');
    return { token: null, confinedTo: null };
  }
  if (!token) throw new Refusal('UnauthorizedError');
  if (settings.accountState === 'over-quota') throw new Refusal('DiskAccountOverQuotaError');
  if (settings.accountState === 'without-disk') throw new Refusal('DiskUnsupportedUserAccountTypeError');
  return { token, confinedTo: confinement(service, token, endpoint) };
}

function confinement(service: Service, token: Token, { needs, route }: Endpoint): DiskPath | null {
  if (needs === 'any' || needs === 'nothing') return null;
  if (token.scopes.includes(`cloud_api:disk.${needs}`)) return null;
  // The right to the application's own folder is a right to read and write there, and to nothing that has no path.
  const hasPath = route.startsWith('resources.') || route.endsWith('publish');
  if (!token.scopes.includes('cloud_api:disk.app_folder') || !hasPath) throw new Refusal('ForbiddenError');
  const folder = parsePath(service.settings.appFolder);
  makeFolders(service.disk, folder);
  return folder;
}
