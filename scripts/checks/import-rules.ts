import { type Finding, resolveReference, type SourceModule } from './source-tree.ts';

/*
 * Which floor may import which. Imports point down; siblings meet by shape, never by name. A floor is a folder of
 * src/, or a file directly in it; each may always import itself and the bottom.
 */
const floors: Readonly<Record<string, readonly string[]>> = {
  cli: ['daemon', 'auth', 'words'],
  daemon: ['fuse', 'fs', 'sync', 'tree', 'content', 'disk-api', 'auth', 'database'],
  fuse: ['fs'],
  fs: ['tree', 'content'],
  sync: ['tree', 'content', 'disk-api'],
  tree: ['disk-api', 'database'],
  content: ['disk-api', 'database'],
  'disk-api': [],
  database: [],
  auth: [],
  words: [],
};

/** Importable by every floor; these import only one another. */
const bottom: readonly string[] = ['async', 'errors.ts', 'make-folders.ts'];

/** What may import what above src: the product knows neither its tests nor its tools. */
const folders: Readonly<Record<string, readonly string[]>> = {
  src: [],
  test: ['src', 'scripts'],
  scripts: ['src', 'test'],
};

/** The folders that are read. */
export const sourceFolders: readonly string[] = Object.keys(folders);

/** What the rules need to know of package.json. */
export interface Manifest {
  /** Names of the packages that are installed with the product. */
  readonly dependencies: ReadonlySet<string>;
}

/** Every import that breaks a rule, and every cycle between files. */
export function checkImports(modules: readonly SourceModule[], manifest: Manifest): Finding[] {
  const known = new Set(modules.map(({ path }) => path));
  const findings: Finding[] = [];
  for (const { path, references, problems } of modules) {
    for (const { kind, line, message } of problems) {
      // Tests may load what they have just made; what users get must show what it loads.
      if (kind === 'syntax' || path.startsWith('src/')) findings.push({ path, line, message });
    }
    const strange = unknownFloor(path);
    if (strange !== null) findings.push({ path, line: 1, message: strange });
    for (const { specifier, line, kind } of references) {
      const target = resolveReference(path, specifier);
      if (kind === 'address' && target !== null && isBuilt(target) && !path.startsWith('src/')) continue;
      const message =
        target === null
          ? packageMistake(path, specifier, manifest)
          : known.has(target) || !isOurs(target)
            ? directionMistake(path, target)
            : `imports '${specifier}', which does not exist`;
      if (message !== null) findings.push({ path, line, message });
    }
  }
  return [...findings, ...cycles(modules)];
}

function unknownFloor(path: string): string | null {
  const floor = floorOf(path);
  if (floor === null || floor in floors || bottom.includes(floor)) return null;
  return `'${floor}' is no floor of src/: give it a place in the table of scripts/checks/import-rules.ts`;
}

function directionMistake(from: string, to: string): string | null {
  const [fromFolder = '', toFolder = ''] = [from.split('/')[0], to.split('/')[0]];
  if (!to.includes('/')) return null; // package.json and its like
  if (fromFolder !== toFolder) {
    if (folders[fromFolder]?.includes(toFolder)) return null;
    return `imports ${to}: ${fromFolder}/ must not import from ${toFolder}/`;
  }
  const [fromFloor, toFloor] = [floorOf(from), floorOf(to)];
  if (fromFloor === null || toFloor === null || fromFloor === toFloor || bottom.includes(toFloor))
    return null;
  const allowed = floors[fromFloor] ?? [];
  if (allowed.includes(toFloor)) return null;
  const instead = [...allowed, ...bottom].join(', ');
  return `imports ${to}: the floor '${fromFloor}' may import ${instead}, not '${toFloor}'`;
}

function packageMistake(path: string, specifier: string, manifest: Manifest): string | null {
  if (!path.startsWith('src/') || specifier.startsWith('node:')) return null;
  const name = specifier.match(/^(?:@[^/]+\/)?[^/]+/)?.[0] ?? specifier;
  if (manifest.dependencies.has(name)) return null;
  return `imports '${name}', which is not among the dependencies in package.json`;
}

/** The floor a file of src stands on; null outside src. */
function floorOf(path: string): string | null {
  const [folder, floor = ''] = path.split('/');
  return folder === 'src' ? floor : null;
}

/** True for what must be among the modules that were read: code in one of the folders, also with its ending forgotten. */
function isOurs(path: string): boolean {
  return (path.split('/')[0] ?? '') in folders && /(?:\.[mc]?[jt]s|\/[^./]*)$/.test(path);
}

/** What the build makes: tests and tools start it, and import its sources. */
function isBuilt(path: string): boolean {
  return path.startsWith('dist/');
}

/** One finding for each group of files that import one another in a circle (Tarjan's strongly connected components),
 * at the import where the shortest way round begins. */
function cycles(modules: readonly SourceModule[]): Finding[] {
  const byPath = new Map(modules.map((module) => [module.path, module]));
  const targets = (path: string) =>
    (byPath.get(path)?.references ?? [])
      .map(({ specifier }) => resolveReference(path, specifier))
      .filter((target): target is string => target !== null && byPath.has(target));

  const index = new Map<string, number>();
  const stack: string[] = [];
  const findings: Finding[] = [];

  const visit = (path: string): number => {
    const own = index.size;
    index.set(path, own);
    let lowest = own;
    stack.push(path);
    for (const target of targets(path)) {
      if (!index.has(target)) lowest = Math.min(lowest, visit(target));
      else if (stack.includes(target)) lowest = Math.min(lowest, index.get(target) ?? own);
    }
    if (lowest === own) {
      const group = new Set(stack.splice(stack.indexOf(path)));
      if (group.size > 1 || targets(path).includes(path)) findings.push(cycleFinding(path, group));
    }
    return lowest;
  };

  const cycleFinding = (start: string, group: ReadonlySet<string>): Finding => {
    const way = shortestWayRound(start, (path) => targets(path).filter((target) => group.has(target)));
    const second = way[1] ?? start;
    const line =
      byPath.get(start)?.references.find(({ specifier }) => resolveReference(start, specifier) === second)
        ?.line ?? 1;
    return { path: start, line, message: `imports in a circle: ${way.join(' → ')}` };
  };

  for (const { path } of modules) if (!index.has(path)) visit(path);
  return findings;
}

function shortestWayRound(start: string, next: (path: string) => readonly string[]): string[] {
  const ways: string[][] = [[start]];
  const seen = new Set<string>();
  for (const way of ways) {
    for (const target of next(way.at(-1) ?? start)) {
      if (target === start) return [...way, start];
      if (!seen.has(target)) ways.push([...way, target]);
      seen.add(target);
    }
  }
  return [start];
}
