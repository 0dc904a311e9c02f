import { open, readdir } from 'node:fs/promises';
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { syntheticContent } from '../stand-in/content/synthetic.ts';
import { type MountedDisk, mountDisk } from './mounted-disk.ts';

const MiB = 1 << 20;
const sizeBytes = 24 * MiB;
const partBytes = 100_000;
const pollIntervalMs = 300;
const shownWithin = { timeout: 8_000, interval: 50 };
const longerThanTrusted = pollIntervalMs + 1_200;
const stale = -constants.errno.ESTALE;

describe('a file that vanishes from the Disk while a program reads it', () => {
  let mounted: MountedDisk;

  beforeAll(async () => {
    mounted = await mountDisk({ mountArguments: ['--poll-interval', `${pollIntervalMs}ms`] });
  });
  afterAll(() => mounted.close());

  /** Opened and read from at two places, and for the most part not here: what is asked for at random is not read ahead. */
  async function begun(name: string) {
    mounted.disk.model.putFile(`disk:/${name}`, { synthetic: { sizeBytes, seed: name } });
    await expect.poll(() => readdir(mounted.mountpoint), shownWithin).toContain(name);
    const content = syntheticContent(name, sizeBytes);
    const handle = await open(mounted.path(name));
    /** @returns 'right', 'wrong', or the number of the error, which libuv has no name for */
    const part = async (atMiB: number) => {
      const offset = atMiB * MiB;
      try {
        const { buffer, bytesRead } = await handle.read(Buffer.alloc(partBytes), 0, partBytes, offset);
        const isRight = bytesRead === partBytes && buffer.equals(content.read(offset, offset + partBytes));
        return isRight ? 'right' : 'wrong';
      } catch (error) {
        return (error as NodeJS.ErrnoException).errno;
      }
    };
    expect([await part(16), await part(4)]).toEqual(['right', 'right']);
    return { handle, part };
  }

  it.each([
    ['into the trash', false],
    ['past the trash', true],
  ] as const)('deleted %s: what is here is read on, what is not is ESTALE, and stays so', async (where, permanently) => {
    mounted.disk.control.set({ linkAfterDelete: 'dead' });
    const { handle, part } = await begun(where);
    mounted.disk.model.remove(`disk:/${where}`, { permanently });
    expect([await part(10), await part(20), await part(0)]).toEqual([stale, stale, stale]);
    await sleep(longerThanTrusted);
    expect([await part(16), await part(4), await part(22)]).toEqual(['right', 'right', stale]);
    expect((await handle.stat()).size).toBe(sizeBytes);
    await handle.close();
    await expect.poll(() => readdir(mounted.mountpoint), shownWithin).not.toContain(where);
  });

  it('deleted, with another file in its place: no byte of that one is given out', async () => {
    mounted.disk.control.set({ linkAfterDelete: 'dead' });
    const { handle, part } = await begun('replaced');
    mounted.disk.model.remove('disk:/replaced');
    mounted.disk.model.putFile('disk:/replaced', { synthetic: { sizeBytes, seed: 'another' } });
    expect([await part(10), await part(4)]).toEqual([stale, 'right']);
    await sleep(longerThanTrusted);
    expect([await part(20), await part(16)]).toEqual([stale, 'right']);
    await handle.close();
  });

  it('that was only moved is read on as a whole', async () => {
    const { handle, part } = await begun('moved');
    mounted.disk.control.set({ linkAfterDelete: 'dead' });
    mounted.disk.model.move('disk:/moved', 'disk:/moved elsewhere');
    expect([await part(10), await part(4)]).toEqual(['right', 'right']);
    await sleep(longerThanTrusted);
    expect([await part(20), await part(0)]).toEqual(['right', 'right']);
    await handle.close();
  });
});
