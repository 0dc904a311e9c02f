import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { decode } from 'jpeg-js';
import { beforeAll, describe, expect, test } from 'vitest';
import { crowdedFiles, crowdedFolder, oddNames } from '../demo-disk/crowds.ts';
import { describeDemoDisk, video } from '../demo-disk/demo-disk.ts';
import { openDocument, wordDocument } from '../demo-disk/documents.ts';
import type { DemoEntry, DemoFile } from '../demo-disk/entries.ts';
import { syntheticVideo } from '../demo-disk/video.ts';
import { makeProject } from './project-fixture.ts';

const run = promisify(execFile);

describe('the demonstration Disk', () => {
  let entries: DemoEntry[] = [];
  // The first time on a machine it paints its photos and hashes its film.
  beforeAll(async () => {
    entries = await describeDemoDisk();
  }, 120_000);

  const file = (path: string): DemoFile => {
    const found = entries.find((entry) => entry.path === path);
    if (found?.kind !== 'file') throw new Error(`${path} is no file`);
    return found;
  };
  const bytes = ({ content }: DemoFile) => content.read(0, content.sizeBytes);

  test('every path comes once, and after its folder', () => {
    const seen = new Set(['']);
    for (const { path } of entries) {
      expect(seen.has(path), path).toBe(false);
      expect(seen.has(path.slice(0, Math.max(0, path.lastIndexOf('/')))), path).toBe(true);
      seen.add(path);
    }
  });

  test('it has what a file system must be able to bear', () => {
    const within = (folder: string) => entries.filter(({ path }) => path.startsWith(`${folder}/`));
    expect(within(crowdedFolder)).toHaveLength(crowdedFiles);
    expect(within('Странные имена').map(({ path }) => path.split('/')[1])).toEqual(oddNames);
    expect(oddNames.some((name) => Buffer.byteLength(name) > 255)).toBe(true);
    expect(Math.max(...entries.map(({ path }) => path.split('/').length))).toBe(14);
    expect(file('Документы/пустой файл').content.sizeBytes).toBe(0);
    expect(entries.filter((entry) => entry.kind === 'file' && entry.state !== undefined)).toHaveLength(2);
  });

  test('photos are JPEGs with smaller ones of the same picture', () => {
    const photos = entries.filter(
      (entry) => entry.kind === 'file' && entry.photo !== undefined,
    ) as DemoFile[];
    expect(photos).toHaveLength(12);
    for (const photo of photos.slice(2, 5)) {
      const full = decode(bytes(photo), { useTArray: true });
      expect([full.width, full.height]).toEqual([1440, 960]);
      expect(bytes(photo).includes('Exif\0\0', 0, 'latin1')).toBe(true);
      for (const [size, longSide] of Object.entries({ S: 150, L: 500, DEFAULT: 1280 })) {
        const preview = decode(photo.photo?.previews[size] ?? Buffer.alloc(0), { useTArray: true });
        expect(preview.width).toBe(longSide);
        const [want, got] = [meanColour(full.data), meanColour(preview.data)];
        want.forEach((part, index) => {
          expect(Math.abs(part - (got[index] ?? 0)), `${photo.path} ${size}`).toBeLessThan(3);
        });
      }
    }
  });

  test('the film has the hash that it is said to have, at every offset the bytes of one file', async () => {
    const { content } = file(video.path);
    expect(content.sizeBytes).toBe(2 * 1024 ** 3);
    expect(content.digest?.md5).toMatch(/^[0-9a-f]{32}$/);
    const small = syntheticVideo('small', 300_000);
    const whole = small.read(0, 300_000);
    expect(whole.subarray(4, 12).toString('latin1')).toBe('ftypisom');
    expect(whole.readBigUInt64BE(32)).toBe(300_000n - 24n);
    for (const [start, end] of [
      [0, 5],
      [3, 41],
      [39, 70_000],
      [65_535, 65_537],
      [299_990, 300_000],
    ] as const)
      expect(small.read(start, end).equals(whole.subarray(start, end)), `${start}–${end}`).toBe(true);
  });

  test('its documents open: zip archives are sound and the PDF index points at its objects', async () => {
    const folder = await makeProject({});
    for (const [name, document] of Object.entries({
      'a.docx': wordDocument(['один & <два>']),
      'b.odt': openDocument(['три']),
    })) {
      await writeFile(join(folder, name), document);
      const { stdout } = await run('python3', ['-m', 'zipfile', '-t', join(folder, name)]);
      expect(stdout).toBe('Done testing\n');
    }
    const pdf = bytes(file('Документы/Счета/invoice-2026-08.pdf')).toString('latin1');
    const table = Number(/startxref\n(\d+)/.exec(pdf)?.[1]);
    expect(pdf.slice(table, table + 5)).toBe('xref\n');
    const offsets = [...pdf.matchAll(/^(\d{10}) 00000 n/gm)].map((match) => Number(match[1]));
    offsets.forEach((offset, index) => {
      expect(pdf.slice(offset)).toMatch(new RegExp(`^${index + 1} 0 obj\n`));
    });
    expect(offsets).toHaveLength(5);
  });
});

function meanColour(pixels: Uint8Array): number[] {
  const sums = [0, 0, 0];
  for (let at = 0; at < pixels.length; at += 4)
    for (let part = 0; part < 3; part += 1) sums[part] = (sums[part] ?? 0) + (pixels[at + part] ?? 0);
  return sums.map((sum) => (sum * 4) / pixels.length);
}
