import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmod,
  copyFile,
  lstat,
  lutimes,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import Database from 'better-sqlite3';
import { descriptionOf } from '../../src/cli/command-descriptions.ts';
import { commands } from '../../src/cli/commands.ts';
import { unitText } from '../../src/daemon/service/unit.ts';
import { billOfMaterials } from './bill-of-materials.ts';
import { controlText, systemNeeds } from './control.ts';
import { copyrightText } from './copyright.ts';
import { manPage } from './man-page.ts';
import { modulesBeside, modulesInside } from './modules.ts';
import { stageProgram } from './program.ts';

/*
 * Makes the package for Debian of what is built in dist/ and installed in node_modules/. The same sources, packages and
 * Node give the same bytes: all times are SOURCE_DATE_EPOCH, or that of the last commit. Usage: main.ts FOLDER [--light]
 * Light is for tests: not compressed, and with a link to this machine's Node.
 */

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');
const [folder = '', weight] = process.argv.slice(2);
const isLight = weight === '--light';
/** Level 6 makes an eighth less of it and takes six times as long (2026-11-26): nearly all is the binary of Node. */
const compression = isLight ? ['-Znone'] : ['-Zxz', '-z1', '--threads-max=1'];

const { version }: { version: string } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
const commit = await run('git', ['log', '-1', '--format=%ct%n%an <%ae>'], { cwd: root }).then(
  ({ stdout }) => stdout.split('\n'),
  () => [],
);
const at = new Date(Number(process.env['SOURCE_DATE_EPOCH'] ?? commit[0] ?? 0) * 1000);
const { DEBFULLNAME, DEBEMAIL } = process.env;
const maintainer =
  DEBFULLNAME && DEBEMAIL ? `${DEBFULLNAME} <${DEBEMAIL}>` : (commit[1] ?? 'nobody <root@localhost>');

const stage = await mkdtemp(join(tmpdir(), 'yadiskfs-package-'));
try {
  const beside = await modulesBeside(root);
  const all = [...beside, ...(await modulesInside(root, join(root, 'dist/cli')))];
  const compiled = await stageProgram(root, stage, beside, isLight);
  await stageWords(all);
  const files = await settle(stage);
  await stageControl(files, await systemNeeds(compiled));
  const name = `yadiskfs_${version}_amd64.deb`;
  await mkdir(folder, { recursive: true });
  const target = join(folder, name);
  await run('dpkg-deb', ['--root-owner-group', ...compression, '--build', stage, target], {
    env: { ...process.env, SOURCE_DATE_EPOCH: String(at.getTime() / 1000) },
  });
  console.log(target);
} finally {
  await rm(stage, { recursive: true, force: true });
}

/** What people, shells and services read. */
async function stageWords(modules: Parameters<typeof copyrightText>[1]): Promise<void> {
  const docs = 'usr/share/doc/yadiskfs';
  const described = await Promise.all(
    Object.values(commands).map(async (load) => descriptionOf(await load())),
  );
  const page = manPage(described, version, at.toISOString().slice(0, 10));
  const sqlite = String(new Database(':memory:').prepare('SELECT sqlite_version()').pluck().get());
  const ours = (name: string) => readFile(join(import.meta.dirname, 'files', name), 'utf8');
  const changes = `yadiskfs (${version}) unstable; urgency=medium

  * What is new is told by the log of the sources.

 -- ${maintainer}  ${at.toUTCString().replace('GMT', '+0000')}
`;
  const completion = async (shell: string) =>
    (await run(process.execPath, [join(root, 'dist/cli/main.js'), 'completion', shell])).stdout;
  const texts: Readonly<Record<string, string | Buffer>> = {
    'usr/share/man/man1/yadiskfs.1.gz': packed(page),
    'usr/share/man/man8/mount.yadiskfs.8.gz': packed(await ours('mount.yadiskfs.8')),
    'usr/share/man/man8/mount.fuse.yadiskfs.8.gz': packed('.so man8/mount.yadiskfs.8\n'),
    'usr/share/bash-completion/completions/yadiskfs': await completion('bash'),
    'usr/share/zsh/vendor-completions/_yadiskfs': await completion('zsh'),
    'usr/share/fish/vendor_completions.d/yadiskfs.fish': await completion('fish'),
    'usr/lib/systemd/user/yadiskfs@.service': unitText(['/usr/bin/yadiskfs']),
    'usr/lib/systemd/system/plocate-updatedb.service.d/yadiskfs.conf': await ours('plocate-updatedb.conf'),
    'usr/share/lintian/overrides/yadiskfs': await ours('lintian-overrides'),
    [`${docs}/copyright`]: await copyrightText(root, modules, process.execPath),
    [`${docs}/changelog.gz`]: packed(changes),
    [`${docs}/bill-of-materials.cdx.json.gz`]: packed(await billOfMaterials(root, modules, sqlite, at)),
  };
  for (const [name, text] of Object.entries(texts)) {
    await mkdir(dirname(join(stage, name)), { recursive: true });
    await writeFile(join(stage, name), text);
  }
  await copyFile(join(root, 'README.md'), join(stage, docs, 'README.md'));
}

async function stageControl(files: readonly string[], needs: string): Promise<void> {
  const sums: string[] = [];
  let sizeBytes = 0;
  for (const name of files) {
    const bytes = await readFile(join(stage, name));
    sizeBytes += Math.ceil(bytes.length / 4096) * 4096;
    sums.push(`${createHash('md5').update(bytes).digest('hex')}  ${name}\n`);
  }
  await mkdir(join(stage, 'DEBIAN'));
  await chmod(join(stage, 'DEBIAN'), 0o755);
  await writeFile(join(stage, 'DEBIAN/control'), controlText({ version, maintainer, needs, sizeBytes }));
  await writeFile(join(stage, 'DEBIAN/md5sums'), sums.join(''));
  for (const name of ['control', 'md5sums']) await chmod(join(stage, 'DEBIAN', name), 0o644);
}

/** Gives all the same time, and the modes that files of a system have. @returns the files */
async function settle(top: string): Promise<string[]> {
  const files: string[] = [];
  for (const name of ['.', ...(await readdir(top, { recursive: true })).sort()]) {
    const path = join(top, name);
    const stats = await lstat(path);
    if (stats.isFile()) files.push(name);
    const isRun = stats.isDirectory() || (stats.mode & 0o100 && !name.includes('/node_modules/'));
    if (!stats.isSymbolicLink()) await chmod(path, isRun ? 0o755 : 0o644);
    await lutimes(path, at, at);
  }
  return files;
}

/** Without a name and a time in it. */
function packed(text: string): Buffer {
  return gzipSync(text, { level: 9 });
}
