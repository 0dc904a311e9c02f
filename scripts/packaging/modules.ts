import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A package of npm that gets into ours. */
export interface Module {
  /** `node_modules/got`; of one that is there in two versions also `node_modules/a/node_modules/b`. */
  readonly place: string;
  readonly folder: string;
  readonly name: string;
  readonly version: string;
  readonly license: string;
}

/** What rolldown.config.js leaves out of the bundle, or what is required by name. */
const outside = ['better-sqlite3', 'fuse-native', 'yargs'];

/** Needed to install, to build or elsewhere, never to run here. */
const notToRun = [
  'prebuild-install',
  'napi-macros',
  'fuse-shared-library-darwin',
  'fuse-shared-library-linux-arm',
];

/** Those that are files of their own beside the bundle: what it leaves out, and what these need. */
export async function modulesBeside(root: string): Promise<Module[]> {
  const found = new Map<string, Module>();
  const pending = outside.map((name) => ({ name, from: '' }));
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { name, from } = next;
    const place = await placeOf(root, name, from);
    if (found.has(place)) continue;
    const module = await readModule(root, place);
    found.set(place, module);
    const { dependencies = {} } = await manifestOf(module.folder);
    for (const needed of Object.keys(dependencies))
      if (!notToRun.includes(needed)) pending.push({ name: needed, from: place });
  }
  return sorted(found.values());
}

/** Those that the bundle was made from, as its source maps tell. @param bundle folder with the maps */
export async function modulesInside(root: string, bundle: string): Promise<Module[]> {
  const places = new Set<string>();
  for (const name of await readdir(bundle)) {
    if (!name.endsWith('.map')) continue;
    const { sources }: { sources: string[] } = JSON.parse(await readFile(join(bundle, name), 'utf8'));
    for (const source of sources) {
      const place = /(?:^|\/)((?:node_modules\/(?:@[^/]+\/)?[^/]+\/)+)/.exec(source)?.[1];
      if (place !== undefined) places.add(place.slice(0, -1));
    }
  }
  return sorted(await Promise.all([...places].map((place) => readModule(root, place))));
}

/** As Node looks for it: beside who asks, then further up. */
async function placeOf(root: string, name: string, from: string): Promise<string> {
  const above = from === '' ? '' : from.slice(0, from.lastIndexOf('node_modules/'));
  const candidates = [
    ...(from === '' ? [] : [`${from}/node_modules/${name}`]),
    `${above}node_modules/${name}`,
    `node_modules/${name}`,
  ];
  for (const place of candidates) if (await manifestOf(join(root, place)).catch(() => null)) return place;
  throw new Error(`${name} is not installed`);
}

async function readModule(root: string, place: string): Promise<Module> {
  const folder = join(root, place);
  const { name, version, license } = await manifestOf(folder);
  return { place, folder, name, version, license: license ?? 'unknown' };
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

async function manifestOf(folder: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
}

function sorted(modules: Iterable<Module>): Module[] {
  return [...modules].sort((one, other) => (one.place < other.place ? -1 : 1));
}
