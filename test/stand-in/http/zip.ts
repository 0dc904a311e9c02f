import { crc32 } from 'node:zlib';
import { pieces } from '../content/content.ts';
import type { Disk } from '../model/disk.ts';
import { type FolderNode, type Node, nodeNames } from '../model/nodes.ts';

const utf8AndDescriptor = 0x0808;
/** 1980-01-01, the first day that a zip knows. */
const firstDay = 0x0021;

/** A folder as a zip without compression, made while it is sent. For what fits the old format: under 4 GiB. */
export async function* zipOf(disk: Disk, folder: FolderNode): AsyncGenerator<Buffer> {
  const depth = nodeNames(folder).length - 1;
  const directory: Buffer[] = [];
  let offset = 0;
  for (const node of [folder, ...disk.walk(folder)]) {
    const name = entryName(node, depth);
    const header = localHeader(name);
    yield header;
    let crc = 0;
    let sizeBytes = 0;
    if (node.kind === 'file') {
      for (const piece of pieces(node.content)) {
        crc = crc32(piece, crc);
        sizeBytes += piece.length;
        yield piece;
      }
    }
    const descriptor = dataDescriptor(crc, sizeBytes);
    yield descriptor;
    directory.push(directoryEntry(name, crc, sizeBytes, offset));
    offset += header.length + sizeBytes + descriptor.length;
  }
  const entries = Buffer.concat(directory);
  yield entries;
  yield endRecord(directory.length, entries.length, offset);
}

function entryName(node: Node, depth: number): Buffer {
  const name = nodeNames(node).slice(Math.max(0, depth)).join('/');
  return Buffer.from(node.kind === 'dir' ? `${name}/` : name);
}

function localHeader(name: Buffer): Buffer {
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(20, 4);
  header.writeUInt16LE(utf8AndDescriptor, 6);
  header.writeUInt16LE(firstDay, 12);
  header.writeUInt16LE(name.length, 26);
  return Buffer.concat([header, name]);
}

function dataDescriptor(crc: number, sizeBytes: number): Buffer {
  const descriptor = Buffer.alloc(16);
  descriptor.writeUInt32LE(0x08074b50, 0);
  descriptor.writeUInt32LE(crc, 4);
  descriptor.writeUInt32LE(sizeBytes, 8);
  descriptor.writeUInt32LE(sizeBytes, 12);
  return descriptor;
}

function directoryEntry(name: Buffer, crc: number, sizeBytes: number, offset: number): Buffer {
  const entry = Buffer.alloc(46);
  entry.writeUInt32LE(0x02014b50, 0);
  entry.writeUInt16LE(20, 4);
  entry.writeUInt16LE(20, 6);
  entry.writeUInt16LE(utf8AndDescriptor, 8);
  entry.writeUInt16LE(firstDay, 14);
  entry.writeUInt32LE(crc, 16);
  entry.writeUInt32LE(sizeBytes, 20);
  entry.writeUInt32LE(sizeBytes, 24);
  entry.writeUInt16LE(name.length, 28);
  entry.writeUInt32LE(offset, 42);
  return Buffer.concat([entry, name]);
}

function endRecord(count: number, sizeBytes: number, offset: number): Buffer {
  const record = Buffer.alloc(22);
  record.writeUInt32LE(0x06054b50, 0);
  record.writeUInt16LE(count, 8);
  record.writeUInt16LE(count, 10);
  record.writeUInt32LE(sizeBytes, 12);
  record.writeUInt32LE(offset, 16);
  return record;
}
