/**
 * Arithmetic of blocks. A file is cut into blocks of `blockBytes`; only the last one may be shorter.
 *
 * 128 KiB is what the kernel asks for at most in one read, so a random reader of 4 KiB fetches one block (60 reads in a
 * 1 GB file: 7.5 MiB), and a sequential one is not slowed, since runs of blocks are fetched in one request.
 */
export const blockBytes = 128 << 10;

/** Blocks [first, end). */
export interface BlockRange {
  readonly first: number;
  readonly end: number;
}

export function blockCount(sizeBytes: number): number {
  return Math.ceil(sizeBytes / blockBytes);
}

/** The blocks that hold bytes [start, end); empty for an empty range. */
export function blocksOf(start: number, end: number): BlockRange {
  return { first: Math.floor(start / blockBytes), end: Math.ceil(end / blockBytes) };
}

/** Length of one block of a file. */
export function blockLength(index: number, sizeBytes: number): number {
  return Math.min(blockBytes, sizeBytes - index * blockBytes);
}

/** Where a range of blocks ends in a file, in bytes. */
export function endOfBlocks(end: number, sizeBytes: number): number {
  return Math.min(end * blockBytes, sizeBytes);
}
