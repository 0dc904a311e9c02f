import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { type BlockRange, blockBytes } from './blocks.ts';

/**
 * Arithmetic of extents. On disk, blocks lie in extents of `extentBlocks`: one file each, with holes where a block is not there.
 *
 * 32 blocks of 128 KiB are 4 MiB: 10 GiB are 2,560 files, and a random reader's lonely block costs no more room than itself.
 */
export const extentBlocks = 32;

/** What the local file system gives room by; a file of 100 bytes takes one of these. */
const allocationBytes = 4096;

interface ExtentPlace {
  readonly number: number;
  /** Which block of the extent. */
  readonly slot: number;
}

export function placeOf(index: number): ExtentPlace {
  return { number: Math.floor(index / extentBlocks), slot: index % extentBlocks };
}

export function roomOf(lengthBytes: number): number {
  return Math.ceil(lengthBytes / allocationBytes) * allocationBytes;
}

export function slotOffset(slot: number): number {
  return slot * blockBytes;
}

/** Cuts a range into pieces of at most `mostBlocks`, none of which crosses from one extent into another. */
export function piecesOf(range: BlockRange, mostBlocks: number): BlockRange[] {
  const pieces: BlockRange[] = [];
  for (let first = range.first; first < range.end; ) {
    const extentEnd = (placeOf(first).number + 1) * extentBlocks;
    const end = Math.min(range.end, first + mostBlocks, extentEnd);
    pieces.push({ first, end });
    first = end;
  }
  return pieces;
}

/**
 * One extent as the index knows it.
 *
 * INVARIANT: bit s of `present` is set only when block s is in the file, and `sums[s]` is its CRC-32 then (the array ends with
 * the last block that is there).
 */
export interface Extent {
  /** Name of its file; never used for a second one. */
  readonly file: number;
  /** 32 bits. */
  readonly present: number;
  readonly sums: Uint32Array;
  /** Room that it takes. */
  readonly bytes: number;
}

export function holds(extent: Extent, slot: number): boolean {
  return ((extent.present >>> slot) & 1) === 1;
}

/** A content's name of fixed length: half a SHA-256 of its key. */
export function contentId(key: string): Buffer {
  return createHash('sha256').update(key).digest().subarray(0, 16);
}

/** Numbers as they lie in the index: four bytes each, the lowest first. */
export function packSums(sums: Uint32Array): Buffer {
  const packed = Buffer.allocUnsafe(sums.length * 4);
  sums.forEach((sum, slot) => {
    packed.writeUInt32LE(sum, slot * 4);
  });
  return packed;
}

export function unpackSums(packed: Uint8Array): Uint32Array {
  const bytes = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength);
  return Uint32Array.from({ length: bytes.length >> 2 }, (_, slot) => bytes.readUInt32LE(slot * 4));
}

/** The sum that a row carries over all that matters in it: a row that a bad sector changed must not name other bytes. */
export function rowCheck(content: Uint8Array, numbers: readonly number[], packed: Uint8Array): number {
  return crc32(numbers.join(), crc32(packed, crc32(content)));
}

export function indicesOf(range: BlockRange): number[] {
  return Array.from({ length: Math.max(0, range.end - range.first) }, (_, offset) => range.first + offset);
}

/** The parts of a range, all within one extent, that are in its file. */
export function presentRuns(extent: Extent, range: BlockRange): BlockRange[] {
  const present = indicesOf(range).filter((index) => holds(extent, placeOf(index).slot));
  return consecutive(present).map((run) => ({ first: run[0] ?? 0, end: (run.at(-1) ?? -1) + 1 }));
}

/** Ascending numbers, cut where they leave a gap. */
export function consecutive(numbers: readonly number[]): number[][] {
  const runs: number[][] = [];
  for (const number of numbers) {
    const run = runs.at(-1);
    if (run?.at(-1) === number - 1) run.push(number);
    else runs.push([number]);
  }
  return runs;
}

/** The extent with blocks that are in its file now, by slot. */
export function grown(
  before: Extent | undefined,
  file: number,
  blocks: ReadonlyMap<number, Uint8Array>,
): Extent {
  let present = before?.present ?? 0;
  let bytes = before?.bytes ?? 0;
  const sums = new Uint32Array(
    Math.max(before?.sums.length ?? 0, ...[...blocks.keys()].map((slot) => slot + 1)),
  );
  if (before) sums.set(before.sums);
  for (const [slot, block] of blocks) {
    present = (present | (1 << slot)) >>> 0;
    sums[slot] = crc32(block);
    bytes += roomOf(block.length);
  }
  return { file, present, sums, bytes };
}

/** Whether every block of the extent has the sum that the content's has at its place. */
export function agrees(extent: Extent, number: number, sums: Uint32Array): boolean {
  return extent.sums.every((sum, slot) => !holds(extent, slot) || sum === sums[number * extentBlocks + slot]);
}
