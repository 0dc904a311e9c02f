import type { Bindings } from './bindings.ts';

/** Layout of the addresses that one kind of host gives out. */
interface Layout {
  readonly host: RegExp;
  readonly path: RegExp;
  /** What makes an address that is followed later the one that it is; null for one that is made of names. */
  identity(path: string): string | null;
}

/** In a recording a signature of 64 hex digits reads `SIG64-…`, and the token after it `TOKEN-…`. */
const signature = '(?:[0-9a-f]{64}|SIG64-[0-9a-f]{12})';
const linkToken = '[A-Za-z0-9_=-]+';

const layouts = {
  operation: {
    host: /^cloud-api\.yandex\.net$/,
    path: /^\/v1\/disk\/operations\/[0-9a-f]{64}$/,
    identity: () => null,
  },
  resource: {
    host: /^cloud-api\.yandex\.net$/,
    path: /^\/v1\/disk\/resources$/,
    identity: () => null,
  },
  upload: {
    host: /^uploader\d+[a-z]+\.disk\.yandex\.net$/,
    path: /^\/upload-target\/\d{8}T\d{6}\.\d{3}\.utd\.[a-z0-9]{24,25}-k\d+[a-z]+\.\d+$/,
    identity: (path) => path,
  },
  download: {
    host: /^downloader\.disk\.yandex\.ru$/,
    path: new RegExp(`^/disk/${signature}/[0-9a-f]{8}/${linkToken}$`),
    identity: (path) => path.split('/')[2] ?? null,
  },
  preview: {
    host: /^downloader\.disk\.yandex\.ru$/,
    path: new RegExp(`^/preview/${signature}/inf/${linkToken}$`),
    identity: () => null,
  },
} satisfies Record<string, Layout>;
type AddressKind = keyof typeof layouts;

/** Which kind of address it is; null for none that is known. */
export function addressKind(address: string): AddressKind | null {
  const { hostname, pathname } = new URL(address);
  const kinds = Object.keys(layouts) as AddressKind[];
  return kinds.find((kind) => layouts[kind].host.test(hostname) && layouts[kind].path.test(pathname)) ?? null;
}

/** The last part of an operation's address. */
export function operationId(address: string): string {
  return new URL(address).pathname.split('/').at(-1) ?? '';
}

/** Name of what an address leads to, for requests that follow it: its token and spelling may differ by then. */
export function addressIdentity(address: string): string | null {
  const kind = addressKind(address);
  return kind === null ? null : layouts[kind].identity(new URL(address).pathname);
}

/** Recorded: a link lives for four hours, 7 of 7. */
const downloadLifeSeconds = 4 * 3600;

/** Versions of the token in a link went from v2 to v3 while recordings were made. */
const changingParameters: Readonly<Record<string, RegExp>> = { tknv: /^v\d$/ };

/**
 * Compares the address in a reply with the recorded one: host, layout, parameters. Scheme and port are the stand-in's
 * own. @param nowMs when the reply was made. @returns what is wrong.
 */
export function compareAddresses(
  recorded: string,
  live: string,
  bindings: Bindings,
  nowMs: number,
): string[] {
  const kind = addressKind(recorded);
  if (kind === null) return [`an address of an unknown layout: ${recorded}`];
  if (addressKind(live) !== kind) return [`not the layout of an address of this kind (${kind}): ${live}`];
  const wrong = compareParameters(new URL(recorded), new URL(live), bindings);
  const identity = addressIdentity(recorded);
  if (identity !== null) bindings.bindAddress(identity, live);
  if (kind === 'operation') wrong.push(bindings.bind(operationId(recorded), operationId(live)));
  if (kind === 'download') wrong.push(wrongExpiry(live, nowMs));
  if (kind === 'upload') wrong.push(wrongIssue(live, nowMs));
  if (kind === 'resource' && !live.endsWith(new URL(recorded).search)) {
    wrong.push(`parameters are spelt otherwise: ${live}`);
  }
  return wrong.filter((text) => text !== null);
}

function compareParameters(recorded: URL, live: URL, bindings: Bindings): (string | null)[] {
  const names = [...recorded.searchParams.keys()];
  const liveNames = [...live.searchParams.keys()];
  if (names.join() !== liveNames.join()) return [`parameters ${liveNames}, recorded ${names}`];
  return names.map((name) => {
    const [wanted, found] = [recorded.searchParams.get(name) ?? '', live.searchParams.get(name) ?? ''];
    if (name === 'hid') return /^[0-9a-f]{32}$/.test(found) ? bindings.bind(wanted, found) : `hid=${found}`;
    const pattern = changingParameters[name];
    const right = pattern ? pattern.test(found) : found === expected(name, wanted, bindings);
    return right ? null : `${name}=${found}, recorded ${name}=${wanted}`;
  });
}

/** A public link's `hash` is the public key, a colon, and the path below it. */
function expected(name: string, recorded: string, bindings: Bindings): string {
  const [, key, rest] = (name === 'hash' && /^([^:]+)(:.*)$/.exec(recorded)) || [];
  return key === undefined ? recorded : `${bindings.live(key)}${rest}`;
}

function wrongExpiry(address: string, nowMs: number): string | null {
  const seconds = Number.parseInt(new URL(address).pathname.split('/')[3] ?? '', 16);
  const lifeSeconds = seconds - Math.floor(nowMs / 1000);
  return lifeSeconds === downloadLifeSeconds ? null : `lives for ${lifeSeconds} s`;
}

/** An upload's address begins with the time of issue in Moscow, and ends with the host that it is on: 18 of 18. */
function wrongIssue(address: string, nowMs: number): string | null {
  const { hostname, pathname } = new URL(address);
  const [, host] = /^uploader([^.]+)/.exec(hostname) ?? [];
  const [, date = '', time = '', unit] = /(\d{8})T(\d{6}\.\d{3})\.utd.*-k([^.]+)/.exec(pathname) ?? [];
  if (unit !== host) return `issued for ${unit} on host ${host}`;
  const moscow = new Date(nowMs + 3 * 3600_000).toISOString().replaceAll(/[-:TZ]/g, '');
  return date + time === moscow ? null : `issued at ${date} ${time}, which is not ${moscow}`;
}
