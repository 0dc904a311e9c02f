import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The file `control` of a package of Debian. */
export function controlText(about: {
  readonly version: string;
  readonly maintainer: string;
  readonly needs: string;
  readonly sizeBytes: number;
}): string {
  return `Package: yadiskfs
Version: ${about.version}
Architecture: amd64
Maintainer: ${about.maintainer}
Installed-Size: ${Math.ceil(about.sizeBytes / 1024)}
Depends: fuse3, ${about.needs}
Suggests: libnotify-bin, xdg-utils
Section: net
Priority: optional
Description: Yandex Disk as a folder: files on demand, off line, never lost
 Mounts a Yandex Disk into the file tree. Files come down when they are read,
 and only the parts that are read; what is written is kept on the local disk
 first and is on the server soon after. What was seen is there without a
 network too.
 .
 The package brings a Node.js of its own, which no other program uses.
`;
}

/** Which packages of this system the compiled files need, by dpkg-shlibdeps(1). */
export async function systemNeeds(compiled: readonly string[]): Promise<string> {
  const workshop = await mkdtemp(join(tmpdir(), 'yadiskfs-needs-'));
  try {
    await mkdir(join(workshop, 'debian'));
    const control = 'Source: yadiskfs\n\nPackage: yadiskfs\nArchitecture: amd64\n';
    await writeFile(join(workshop, 'debian/control'), control);
    // libfuse lies beside the addon and belongs to no package.
    const libraries = [...new Set(compiled.map((file) => `-l${dirname(file)}`))];
    const files = compiled.map((file) => `-e${file}`);
    const { stdout } = await run('dpkg-shlibdeps', ['-O', '--ignore-missing-info', ...libraries, ...files], {
      cwd: workshop,
    });
    const needs = /^shlibs:Depends=(.+)$/m.exec(stdout)?.[1];
    if (needs === undefined) throw new Error(`dpkg-shlibdeps names no packages: ${stdout}`);
    return needs;
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
}
