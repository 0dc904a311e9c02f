/*
 * The block in a photo that says when and with what it was taken: a little TIFF file of named fields.
 * Source: Exif 2.32, sections 4.5 and 4.6 (JEITA CP-3451).
 */

interface Field {
  readonly tag: number;
  readonly type: 'text' | 'offset';
  readonly value: string | number;
}

const tags = { make: 0x010f, model: 0x0110, dateTime: 0x0132, exifBlock: 0x8769, originalDateTime: 0x9003 };

/** The Exif block for one moment of exposure, ready for a JPEG's APP1 segment.
 * @param takenAt its UTC figures are written as the camera's local time
 */
export function exifBlock(takenAt: Date, make: string, model: string): Buffer {
  const dateTime = takenAt.toISOString().slice(0, 19).replaceAll('-', ':').replace('T', ' ');
  const header = Buffer.from('II*\0\x08\0\0\0', 'latin1');
  const main = (exifOffset: number) =>
    directory(header.length, [
      { tag: tags.make, type: 'text', value: make },
      { tag: tags.model, type: 'text', value: model },
      { tag: tags.dateTime, type: 'text', value: dateTime },
      { tag: tags.exifBlock, type: 'offset', value: exifOffset },
    ]);
  const exifOffset = header.length + main(0).length;
  const inner = directory(exifOffset, [{ tag: tags.originalDateTime, type: 'text', value: dateTime }]);
  return Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), header, main(exifOffset), inner]);
}

/** A directory of fields that begins at an offset; long values follow it. */
function directory(start: number, fields: readonly Field[]): Buffer {
  const table = Buffer.alloc(2 + fields.length * 12 + 4);
  table.writeUInt16LE(fields.length, 0);
  const values: Buffer[] = [];
  let free = start + table.length;
  fields.forEach(({ tag, type, value }, index) => {
    const at = 2 + index * 12;
    table.writeUInt16LE(tag, at);
    if (type === 'offset') {
      table.writeUInt16LE(4, at + 2);
      table.writeUInt32LE(1, at + 4);
      table.writeUInt32LE(Number(value), at + 8);
      return;
    }
    const text = Buffer.from(`${value}\0`, 'latin1');
    table.writeUInt16LE(2, at + 2);
    table.writeUInt32LE(text.length, at + 4);
    if (text.length <= 4) {
      text.copy(table, at + 8);
      return;
    }
    table.writeUInt32LE(free, at + 8);
    const padded = Buffer.alloc(text.length + (text.length % 2));
    text.copy(padded);
    values.push(padded);
    free += padded.length;
  });
  return Buffer.concat([table, ...values]);
}
