import { spawnSync } from 'node:child_process';
import { constants } from 'node:os';
import { expect } from 'vitest';

/**
 * Extended attributes through the system calls themselves, since Node has none and `getfattr` is seldom installed,
 * while every Debian has a Perl. The numbers are those of Linux on x64, as is the addon.
 */
const SETXATTR = 188;
const GETXATTR = 191;
const LISTXATTR = 194;

/** All that a program may do with the attributes of a file that has none. */
export function expectAttributes(file: string): void {
  const { ENODATA, ERANGE, EOPNOTSUPP } = constants.errno;
  expect(getAttribute(file, 'user.a', 0).count).toBe(-ENODATA);
  expect(listAttributes(file, 0).count).toBe(0);
  expect(setAttribute(file, 'user.a', 'one')).toBe(0);
  expect(setAttribute(file, 'user.b', 'x'.repeat(1_000))).toBe(0);
  expect(getAttribute(file, 'user.a', 0).count).toBe(3);
  expect(getAttribute(file, 'user.a', 10)).toEqual({ count: 3, value: 'one' });
  expect(getAttribute(file, 'user.b', 1_000).count).toBe(1_000);
  expect(getAttribute(file, 'user.b', 999).count).toBe(-ERANGE);
  expect(listAttributes(file, 0).count).toBe('user.a.user.b.'.length);
  expect(listAttributes(file, 100).value).toBe('user.a\0user.b\0');
  expect(listAttributes(file, 5).count).toBe(-ERANGE);
  // No label, capability or access list can be kept.
  expect([-EOPNOTSUPP, -ENODATA]).toContain(getAttribute(file, 'security.capability', 100).count);
  expect([-EOPNOTSUPP, -ENODATA]).toContain(getAttribute(file, 'system.posix_acl_access', 100).count);
}

/** With the room that the caller offers; 0 asks for the size. @returns the count and what came, or -errno */
function getAttribute(file: string, name: string, roomBytes: number): { count: number; value: string } {
  return callWithRoom(GETXATTR, [file, name], roomBytes);
}

function listAttributes(file: string, roomBytes: number): { count: number; value: string } {
  return callWithRoom(LISTXATTR, [file], roomBytes);
}

function setAttribute(file: string, name: string, value: string): number {
  const script = `$r = syscall(${SETXATTR}, $ARGV[0], $ARGV[1], $ARGV[2], length $ARGV[2], 0);`;
  return run(`${script} print $r < 0 ? -($! + 0) : $r;`, [file, name, value]).count;
}

function callWithRoom(number: number, args: readonly string[], roomBytes: number) {
  const names = args.map((_, index) => `$ARGV[${index}]`).join(', ');
  const script = `$b = "\\0" x ${roomBytes}; $r = syscall(${number}, ${names}, $b, ${roomBytes});`;
  return run(`${script} print $r < 0 ? -($! + 0) : $r, "\\n", $r > 0 ? substr($b, 0, $r) : "";`, args);
}

function run(script: string, args: readonly string[]): { count: number; value: string } {
  const { stdout, stderr, status } = spawnSync('perl', ['-e', script, '--', ...args], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  const [count = '', ...value] = stdout.split('\n');
  return { count: Number(count), value: value.join('\n') };
}
