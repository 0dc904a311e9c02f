import { deflateSync } from 'node:zlib';
import type { Bench } from '../bench.ts';
import { download } from '../downloads.ts';
import { watch } from '../polling.ts';
import type { Question } from '../question.ts';
import type { Resource } from '../replies.ts';
import { found, look } from '../resources.ts';
import { upload } from '../uploads.ts';

const side = 64;
/** Kinds other than pictures of which small samples are easily made. */
const otherNames = ['note.txt', 'table.csv', 'page.html', 'unknown'];

export const previews: Question = {
  id: 'previews',
  title: 'Which kinds of files get previews, and do previews ask for the token?',
  settings: ['previewMediaTypes', 'previewNeedsToken'],
  promises: ['previews'],
  requests: 70,
  uploadBytes: 20_000,
  async ask(bench, answer) {
    const picture = await withPreview(bench, 'picture.png', drawing());
    for (const name of otherNames) await upload(bench, bench.path(name), bench.text());
    // Those had the time that the picture had, and this wait more.
    await bench.settle();
    const samples = [picture];
    for (const name of otherNames) samples.push(await found(bench, bench.path(name)));
    const kinds = (some: readonly Resource[]) => [
      ...new Set(some.map(({ media_type: kind = 'unknown' }) => kind)),
    ];
    answer.is(
      'previewMediaTypes',
      kinds(samples.filter(({ preview }) => preview !== undefined)),
      `of ${kinds(samples).join(', ')}`,
    );
    if (picture.preview === undefined) {
      answer.cannotTell('previewNeedsToken', 'the picture has no preview');
      return;
    }
    const { reply } = await download(bench, picture.preview, 'preview');
    const refused = reply.status === 401 || reply.status === 403;
    if (refused || reply.status === 200)
      answer.is('previewNeedsToken', refused, `without the token: ${reply.status}`);
    else answer.cannotTell('previewNeedsToken', `it was answered ${reply.status}`);
  },
};

/** The file when it has its preview; without one when that did not come in time. */
async function withPreview(bench: Bench, name: string, content: Buffer): Promise<Resource> {
  const path = bench.path(name);
  const uploaded = await upload(bench, path, content);
  const { value } = await watch(bench, uploaded, async () => {
    const file = await look(bench, path);
    return file?.preview === undefined ? undefined : file;
  });
  return value ?? found(bench, path);
}

/** A small picture in shades of grey that is nowhere else. */
function drawing(): Buffer {
  const rows = Buffer.alloc(side * (side + 1));
  const shade = Math.floor(Math.random() * 200);
  for (let row = 0; row < side; row++)
    for (let column = 0; column < side; column++)
      rows[row * (side + 1) + 1 + column] = shade + ((row * column) % 55);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([8, 0, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    pngChunk('IHDR', header),
    pngChunk('IDAT', deflateSync(rows)),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

function pngChunk(type: string, data: Buffer): Buffer {
  const typed = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(checksum(typed), 4);
  return Buffer.concat([frame.subarray(0, 4), typed, frame.subarray(4)]);
}

/** CRC-32 as PNG has it; Node brings one only since 20.15. */
function checksum(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}
