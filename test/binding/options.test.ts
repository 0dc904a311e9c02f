import { describe, expect, test } from 'vitest';
import { parseMountTable, topAt } from '../../src/fuse/binding/mount-table.ts';
import { optionString } from '../../src/fuse/binding/options.ts';

describe('the option string', () => {
  test('always asks for large writes and our inode numbers', () => {
    expect(optionString({})).toBe('-obig_writes,use_ino');
  });

  test('writes each option as libfuse wants it', () => {
    const text = optionString({
      readOnly: true,
      noAtime: true,
      allowOther: true,
      defaultPermissions: true,
      uid: 0,
      gid: 100,
      umask: 0o027,
      entryTimeoutSec: 0,
      attrTimeoutSec: 1.5,
      negativeTimeoutSec: 60,
      autoCache: true,
      maxReadBytes: 131_072,
      maxWriteBytes: 131_072,
      maxReadAheadBytes: 1 << 20,
      maxBackground: 64,
      atomicTruncate: true,
      debug: true,
    });
    expect(text.slice(2).split(',')).toEqual([
      'big_writes',
      'use_ino',
      'ro',
      'noatime',
      'allow_other',
      'default_permissions',
      'uid=0',
      'gid=100',
      'umask=27',
      'entry_timeout=0.000',
      'attr_timeout=1.500',
      'negative_timeout=60.000',
      'auto_cache',
      'max_read=131072',
      'max_write=131072',
      'max_readahead=1048576',
      'max_background=64',
      'atomic_o_trunc',
      'debug',
    ]);
  });

  test('leaves out what is false or not given', () => {
    expect(optionString({ readOnly: false, allowOther: false })).toBe('-obig_writes,use_ino');
  });

  test('keeps a comma and a backslash in a name', () => {
    expect(optionString({ sourceName: 'a,b\\c' })).toContain('fsname=a\\,b\\\\c');
  });

  test.each([
    { what: 'a negative id', options: { uid: -1 } },
    { what: 'a part of an id', options: { gid: 1.5 } },
    { what: 'an endless time', options: { attrTimeoutSec: Number.POSITIVE_INFINITY } },
    { what: 'no time', options: { entryTimeoutSec: Number.NaN } },
    { what: 'an empty name', options: { subtype: '' } },
    { what: 'a name over two lines', options: { sourceName: 'a\nb' } },
    { what: 'a name that is too long', options: { sourceName: 'ж'.repeat(500) } },
  ])('refuses $what', ({ options }) => {
    expect(() => optionString(options)).toThrow(expect.objectContaining({ code: 'invalid-option' }));
  });
});

describe('the mount table', () => {
  const text = [
    '25 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda1 rw',
    '40 25 0:39 / /mnt/with\\040blank rw,nosuid - fuse.yadiskfs a,b rw,user_id=0',
    '41 25 0:40 / /mnt/with\\040blank rw - fuse.sshfs other rw',
    '42 25 0:41 / /mnt/tab\\011new\\012line\\134 rw master:7 shared:8 - fuse x rw',
    '',
  ].join('\n');

  test('is read with its escapes and optional fields', () => {
    expect(parseMountTable(text)).toEqual([
      { id: 25, device: '254:0', mountpoint: '/', type: 'ext4' },
      { id: 40, device: '0:39', mountpoint: '/mnt/with blank', type: 'fuse.yadiskfs' },
      { id: 41, device: '0:40', mountpoint: '/mnt/with blank', type: 'fuse.sshfs' },
      { id: 42, device: '0:41', mountpoint: '/mnt/tab\tnew\nline\\', type: 'fuse' },
    ]);
  });

  test('shows the later mount of a place', () => {
    expect(topAt(parseMountTable(text), '/mnt/with blank')?.id).toBe(41);
    expect(topAt(parseMountTable(text), '/elsewhere')).toBeUndefined();
  });
});
