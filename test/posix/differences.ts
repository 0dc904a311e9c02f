/** What a mount does otherwise than a local disk. */
interface Difference {
  /** What the mount tells, in full. */
  readonly onMount: unknown;
  readonly reason: string;
}

/** By the name of the check. All others must tell the same on both. */
export const differences: Readonly<Record<string, Difference>> = {
  'O TMPFILE': {
    onMount: 'ENOTSUP',
    reason: 'libfuse 2.9 has no call for a file without a name; programs then make one with a name',
  },
  'names that are not UTF 8': {
    onMount: ['EILSEQ', 'EINVAL'],
    reason: 'a name on the Disk is Unicode, and the target of a link comes here as such',
  },
  'rename with flags': {
    onMount: ['EEXIST', 'EINVAL', 'EINVAL', 'EINVAL'],
    reason: 'libfuse 2.9 has no renameat2; mv then looks first and renames without flags',
  },
  'hard links': {
    onMount: ['EPERM', 1, 'EPERM', 'ENOENT'],
    reason: 'a file on the Disk has one name',
  },
  'pipes devices and sockets': {
    onMount: ['EPERM', 'EPERM', 'EPERM', 'EPERM', 'ok', '0o640'],
    reason: 'the Disk holds files and folders',
  },
  'chown to somebody else': {
    onMount: ['EPERM', 'EPERM'],
    reason: 'the Disk knows no owners: everything belongs to whoever has mounted',
  },
  'numbers of links': {
    onMount: [1, 1],
    reason:
      'how many folders are in one is not known before it is listed; 1 tells programs not to count on it',
  },
  fallocate: {
    onMount: ['ENOTSUP', 'ENOTSUP', 'ENOTSUP', 'ENOTSUP', 'ENOTSUP', 'ENOTSUP'],
    reason: 'room on the Disk cannot be reserved; posix_fallocate writes zeros in its place',
  },
  'much in one attribute': {
    onMount: ['ENOSPC', []],
    reason: 'the Disk takes 1,024 characters of properties for a file, date and mode among them',
  },
  'attributes of the system': {
    onMount: ['ENOTSUP', 'ENOTSUP'],
    reason: 'capabilities and access lists are not kept',
  },
  'attributes that only root may set': {
    onMount: ['ENOTSUP', 'ENOTSUP'],
    reason: 'labels, and what is hidden from others, would hold on this machine only',
  },
  'what is told of an open file whose folder was removed': {
    onMount: [5, 'ESTALE', 'ESTALE'],
    reason: 'mode and dates libfuse sets by the path, and there is none any more; all else goes on',
  },
  'a folder that is removed while one is in it': {
    onMount: ['ENOENT', 'ENOENT', 'ENOENT', 'ENOENT', 'ok', 'ENOENT', 'ENOENT', 'EINVAL', []],
    reason: 'a folder is opened by its path, and there is none any more: ENOENT in place of no entries',
  },
  'what is told of a folder that is gone': {
    onMount: ['ENOENT', 'ENOENT', 'ENOENT'],
    reason: 'the kernel asks for it by the path, and there is none any more',
  },
  'what somebody else makes': {
    onMount: 'EACCES',
    reason: 'it belongs to whoever has mounted, as everything does: its mode counts for him',
  },
  'whoever writes to a file that its group may not run': {
    onMount: ['ok', '0o2767'],
    reason: 'the kernel takes set-group-ID away by itself, and only with the right to run',
  },
};
