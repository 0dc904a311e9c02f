import { Api, type TokenSource } from '../../src/disk-api/api.ts';
import { closeLater } from '../close-later.ts';
import { type StandIn, type StandInOptions, startStandIn } from '../stand-in/index.ts';
import { calmSettings, type SettingsInput } from '../stand-in/settings.ts';

/** A client of a service, closed after the tests. */
export function clientOf(
  url: string,
  options: { readonly tokens?: TokenSource; readonly ratePerSecond?: number } = {},
): Api {
  const api = new Api({
    url: new URL(url),
    tokens: options.tokens ?? { accessToken: async () => 'TOKEN' },
    ratePerSecond: options.ratePerSecond ?? 0,
  });
  closeLater(() => api.close());
  return api;
}

/** A stand-in that is as quick as settings let it, and a client of it; both closed after the tests. */
export async function standInClient(
  settings: SettingsInput = {},
  options: StandInOptions = {},
): Promise<{ readonly api: Api; readonly disk: StandIn }> {
  const disk = await startStandIn({ ...options, settings: { ...calmSettings, ...settings } });
  closeLater(() => disk.close());
  const api = clientOf(disk.apiUrl, { tokens: { accessToken: async () => disk.token } });
  return { api, disk };
}

/** The paths that are really on the Disk. */
export async function pathsOn(disk: StandIn): Promise<string[]> {
  return (await disk.control.tree()).entries.map(({ path }) => path);
}

/** How many requests of a route there were. */
export function countOf(disk: StandIn, route: string): number {
  return disk.wire.statistics.snapshot().routes[route]?.count ?? 0;
}
