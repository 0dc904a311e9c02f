import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ownFolders } from '../../src/daemon/folders.ts';

const uid = process.getuid?.() ?? 0;
const usualTemporary = process.env['TMPDIR'];
let temporary: string;
let session: string;

beforeEach(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'yadiskfs-test-'));
  session = join(temporary, 'session');
  process.env['TMPDIR'] = temporary;
});

afterEach(async () => {
  if (usualTemporary === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = usualTemporary;
  await rm(temporary, { recursive: true });
});

const runtime = (environment: NodeJS.ProcessEnv = { XDG_RUNTIME_DIR: session }) =>
  ownFolders(environment).runtime;

it('the runtime folder is that of the session; the one that is set goes before', () => {
  expect(runtime()).toBe(join(session, 'yadiskfs'));
  expect(runtime({ XDG_RUNTIME_DIR: session, YADISKFS_RUNTIME_DIR: '/run/ours' })).toBe('/run/ours');
});

it('it is where a mount is served that began before the session, as long as there is one', async () => {
  const lasting = join(temporary, `yadiskfs-${uid}`);
  await mkdir(lasting);
  expect(runtime()).toBe(join(session, 'yadiskfs'));
  await writeFile(join(lasting, '0123.mount.json'), '{}');
  expect(runtime()).toBe(lasting);
  await rm(join(lasting, '0123.mount.json'));
  expect(runtime()).toBe(join(session, 'yadiskfs'));
});

it('a link that somebody laid among the temporary files is not followed', async () => {
  const elsewhere = join(temporary, 'elsewhere');
  await mkdir(elsewhere);
  await writeFile(join(elsewhere, '0123.mount.json'), '{}');
  await symlink(elsewhere, join(temporary, `yadiskfs-${uid}`));
  expect(runtime()).toBe(join(session, 'yadiskfs'));
});
