import { crc32 } from 'node:zlib';

/** A file to be packed. */
export interface ArchiveMember {
  readonly name: string;
  readonly text: string;
}

const utf8Names = 0x0800;
/** 1980-01-01, the zip format's first day: members of a document carry no date that matters. */
const dosDate = 0x0021;

/** A zip archive whose members are stored, not squeezed, in the given order.
 * Source: APPNOTE.TXT 6.3.9, sections 4.3.7, 4.3.12, 4.3.16. */
export function zipArchive(members: readonly ArchiveMember[]): Buffer {
  const parts: Buffer[] = [];
  const index: Buffer[] = [];
  let offset = 0;
  for (const { name, text } of members) {
    const [nameBytes, body] = [Buffer.from(name), Buffer.from(text)];
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(utf8Names, 2);
    common.writeUInt16LE(dosDate, 8);
    common.writeUInt32LE(crc32(body), 10);
    common.writeUInt32LE(body.length, 14);
    common.writeUInt32LE(body.length, 18);
    common.writeUInt16LE(nameBytes.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, nameBytes, body]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    index.push(Buffer.from('PK\x01\x02\x14\0', 'latin1'), common, rest, nameBytes);
    parts.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(index);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(members.length, 8);
  end.writeUInt16LE(members.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, directory, end]);
}
