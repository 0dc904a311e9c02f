import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { flatListFields, folderPageFields, trashPageFields } from '../../src/disk-api/fields.ts';
import { standInClient } from './client.ts';

/** The bytes of a reply, plain and as a compressing server would send it. */
async function sizesOf(url: string, token: string) {
  const reply = await fetch(url, { headers: { authorization: `OAuth ${token}` } });
  const bytes = Buffer.from(await reply.arrayBuffer());
  expect(reply.status).toBe(200);
  return { plainBytes: bytes.length, gzipBytes: gzipSync(bytes).length };
}

it('asks for half of what the Disk would tell of a thousand entries, or less', async () => {
  const { disk } = await standInClient();
  for (let index = 0; index < 1_000; index++) {
    const name = index % 2 === 0 ? `IMG_${index}.jpg` : `Документ ${index}.docx`;
    disk.model.putFile(`disk:/folder/${name}`, `content ${index}`, { parents: true });
    disk.model.putFile(`disk:/thrown away/${name}`, 'x', { parents: true });
  }
  for (let index = 0; index < 500; index++)
    disk.model.remove(`disk:/thrown away/${index % 2 === 0 ? `IMG_${index}.jpg` : `Документ ${index}.docx`}`);
  const lists = [
    ['a folder', 'resources?path=disk:/folder&limit=1000&sort=name', folderPageFields, 0.5],
    ['all files', 'resources/files?limit=1000', flatListFields, 0.55],
    ['the trash', 'trash/resources?path=trash:/&limit=1000', trashPageFields, 0.3],
  ] as const;
  for (const [what, query, fields, atMost] of lists) {
    const whole = await sizesOf(`${disk.apiUrl}/${query}`, disk.token);
    const asked = await sizesOf(`${disk.apiUrl}/${query}&fields=${fields}`, disk.token);
    console.info(
      `${what}: ${asked.plainBytes} of ${whole.plainBytes} bytes (gzip: ${asked.gzipBytes} of ${whole.gzipBytes})`,
    );
    expect(asked.plainBytes / whole.plainBytes).toBeLessThan(atMost);
    expect(asked.gzipBytes / whole.gzipBytes).toBeLessThan(atMost);
  }
});
