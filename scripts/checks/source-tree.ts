import { readdir, readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { type ESTree, parseSync, Visitor } from 'rolldown/utils';

/*
 * The project's modules as the checks see them: who names whom, and which names each one gives away.
 * The parser is rolldown's, since TypeScript 7 has no interface for scripts and a bundler's output has already lost
 * its type imports.
 */

/** One place where a module names another one, whatever the syntax: import, export from, import(), import('x').T. */
export interface Reference {
  /** As written. */
  readonly specifier: string;
  readonly line: number;
  /** Names taken from the other module; `*` stands for all of them. */
  readonly names: readonly string[];
  /** `hand-on` is `export … from`, which takes a name only to give it away; `address` is `new URL(…, import.meta.url)`. */
  readonly kind: 'import' | 'hand-on' | 'address';
}

/** A name that a module exports. */
export interface ExportedName {
  /** `default` for the default export. */
  readonly name: string;
  readonly line: number;
  /** Set for `export { of as name } from specifier`. */
  readonly from?: { readonly specifier: string; readonly name: string };
}

interface Problem {
  /** `computed` is an import() whose target is known only when it runs. */
  readonly kind: 'syntax' | 'computed';
  readonly line: number;
  readonly message: string;
}

export interface SourceModule {
  /** Relative to the project's root, with `/`. */
  readonly path: string;
  readonly references: readonly Reference[];
  readonly exports: readonly ExportedName[];
  /** Specifiers of `export * from`. */
  readonly starExports: readonly string[];
  /** What could not be read. */
  readonly problems: readonly Problem[];
}

/** A finding, printed as `path:line: message`. */
export interface Finding {
  readonly path: string;
  readonly line: number;
  readonly message: string;
}

const codeFile = /\.(?:ts|mts|js|mjs)$/;

/** Reads every module under the given folders of a project; folders that do not exist are skipped.
 * @param root the project's folder
 * @param folders names directly under it, such as `src`
 */
export async function readSourceTree(root: string, folders: readonly string[]): Promise<SourceModule[]> {
  const paths: string[] = [];
  for (const folder of folders) {
    for (const entry of await readdir(join(root, folder), { recursive: true }).catch(() => [])) {
      const path = posix.join(folder, entry);
      if (codeFile.test(path) && !path.includes('node_modules/')) paths.push(path);
    }
  }
  paths.sort();
  return Promise.all(paths.map(async (path) => parseModule(path, await readFile(join(root, path), 'utf8'))));
}

/** Where a relative specifier points, as a path from the project's root; null for a package. */
export function resolveReference(from: string, specifier: string): string | null {
  return specifier.startsWith('.') ? posix.normalize(posix.join(posix.dirname(from), specifier)) : null;
}

/** Reads one module. */
export function parseModule(path: string, text: string): SourceModule {
  const lineAt = lineCounter(text);
  const { module, program, errors } = parseSync(path, text, { lang: languageOf(path) });
  const references: Reference[] = [];
  const exports: ExportedName[] = [];
  const starExports: string[] = [];
  const problems = errors.map(
    (error): Problem => ({
      kind: 'syntax',
      line: lineAt(error.labels[0]?.start ?? 0),
      message: `does not parse: ${error.message}`,
    }),
  );

  for (const statement of module.staticImports) {
    references.push({
      specifier: statement.moduleRequest.value,
      line: lineAt(statement.start),
      names: statement.entries.map(({ importName }) =>
        importName.kind === 'Default' ? 'default' : (importName.name ?? '*'),
      ),
      kind: 'import',
    });
  }
  for (const statement of module.staticExports) {
    for (const entry of statement.entries) {
      const line = lineAt(entry.start);
      const specifier = entry.moduleRequest?.value;
      const name = entry.exportName.kind === 'Default' ? 'default' : entry.exportName.name;
      const taken = entry.importName.name ?? '*';
      if (specifier !== undefined) references.push({ specifier, line, names: [taken], kind: 'hand-on' });
      if (name !== null) exports.push({ name, line, ...(specifier && { from: { specifier, name: taken } }) });
      else if (specifier !== undefined) starExports.push(specifier);
    }
  }

  const takeAll = (specifier: string, start: number, kind: Reference['kind'] = 'import') =>
    references.push({ specifier, line: lineAt(start), names: ['*'], kind });
  new Visitor({
    ImportExpression(node) {
      const specifier = stringOf(node.source);
      if (specifier !== null) takeAll(specifier, node.start);
      else
        problems.push({
          kind: 'computed',
          line: lineAt(node.start),
          message: 'import() of something that is not a plain string',
        });
    },
    TSImportType(node) {
      references.push({
        specifier: node.source.value,
        line: lineAt(node.start),
        names: [firstName(node.qualifier)],
        kind: 'import',
      });
    },
    TSImportEqualsDeclaration(node) {
      if (node.moduleReference.type === 'TSExternalModuleReference')
        takeAll(node.moduleReference.expression.value, node.start);
    },
    // A file started or read by its address beside this one: new URL('./worker.ts', import.meta.url)
    NewExpression(node) {
      const [address, base] = node.arguments;
      if (node.callee.type !== 'Identifier' || node.callee.name !== 'URL' || !address || !base) return;
      const specifier = stringOf(address);
      if (
        specifier !== null &&
        codeFile.test(specifier) &&
        text.slice(base.start, base.end) === 'import.meta.url'
      )
        takeAll(specifier, node.start, 'address');
    },
  }).visit(program);

  return { path, references, exports, starExports, problems };
}

/** Prints findings and sets the process's exit code. */
export function report(findings: readonly Finding[], summary: string): void {
  for (const { path, line, message } of findings) console.error(`${path}:${line}: ${message}`);
  if (findings.length === 0) console.log(summary);
  else process.exitCode = 1;
}

function languageOf(path: string): 'ts' | 'dts' | 'js' {
  if (path.endsWith('.d.ts')) return 'dts';
  return path.endsWith('ts') ? 'ts' : 'js';
}

function stringOf(node: ESTree.Node): string | null {
  if (node.type === 'Literal' && typeof node.value === 'string') return node.value;
  if (node.type === 'TemplateLiteral' && node.expressions.length === 0)
    return node.quasis[0]?.value.cooked ?? null;
  return null;
}

/** The first name of `A.B.C`, the one that the module exports; `*` where there is none. */
function firstName(qualifier: ESTree.TSImportTypeQualifier | null): string {
  if (qualifier === null) return '*';
  return qualifier.type === 'Identifier' ? qualifier.name : firstName(qualifier.left);
}

function lineCounter(text: string): (offset: number) => number {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return (offset) => {
    const after = starts.findIndex((start) => start > offset);
    return after === -1 ? starts.length : after;
  };
}
