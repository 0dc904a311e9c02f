import { type Finding, resolveReference, type SourceModule } from './source-tree.ts';

/** Exports of src/ that nobody in the project takes, and modules of src/ that nobody names. A name that is only handed
 * on counts as taken when somebody takes it from there.
 * @param entries modules that are started from outside, such as the command line's main file; all they export counts
 *   as taken
 */
export function findDeadExports(modules: readonly SourceModule[], entries: ReadonlySet<string>): Finding[] {
  const byPath = new Map(modules.map((module) => [module.path, module]));
  const taken = new Map<string, Set<string>>();
  const named = new Set(entries);

  const take = (path: string, name: string): void => {
    const module = byPath.get(path);
    const before = taken.get(path) ?? new Set();
    if (module === undefined || before.has(name)) return;
    taken.set(path, before.add(name));
    const handOn = (specifier: string, handed: string) => {
      const target = resolveReference(path, specifier);
      if (target !== null) take(target, handed);
    };
    const matching = module.exports.filter((exported) => name === '*' || exported.name === name);
    for (const { from } of matching) if (from) handOn(from.specifier, from.name);
    if (name === '*' || matching.length === 0)
      for (const specifier of module.starExports) handOn(specifier, name);
  };

  for (const entry of entries) take(entry, '*');
  for (const { path, references } of modules) {
    for (const { specifier, names, kind } of references) {
      const target = resolveReference(path, specifier);
      if (target === null) continue;
      named.add(target);
      if (kind !== 'hand-on') for (const name of names) take(target, name);
    }
  }

  const findings: Finding[] = [];
  for (const { path, exports } of modules) {
    if (!path.startsWith('src/') || path.endsWith('.d.ts')) continue;
    if (!named.has(path)) {
      findings.push({ path, line: 1, message: 'nobody imports this file' });
      continue;
    }
    const names = taken.get(path);
    for (const { name, line } of exports) {
      if (names?.has('*') || names?.has(name)) continue;
      findings.push({ path, line, message: `'${name}' is exported, but nobody imports it` });
    }
  }
  return findings;
}
