import { appendFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, type TestContext } from 'vitest';
import { Campaign } from '../../scripts/crash/campaign.ts';
import { FolderSubject } from '../../scripts/crash/folder-subject.ts';
import { steadyNames } from '../../scripts/crash/plans.ts';
import { startStandIn } from '../stand-in/index.ts';
import type { Model } from '../stand-in/model/model.ts';
import { seededRandom } from '../stand-in/random.ts';

/** A campaign on a folder of this machine, of one worker. */
async function campaign(
  { onTestFinished }: TestContext,
  subjectOf: (work: string, model: Model) => FolderSubject,
) {
  const work = await mkdtemp(join(tmpdir(), 'yadiskfs-test-'));
  const standIn = await startStandIn({ settings: { finalAfterMs: 0, lateCommitMs: 0 } });
  onTestFinished(async () => {
    await standIn.close();
    await rm(work, { recursive: true, force: true });
  });
  const subject = subjectOf(work, standIn.model);
  const options = { seed: 'test', workers: 1, power: false, work };
  return new Campaign(standIn, subject, seededRandom('test'), options);
}

const steady = `worker 0/${steadyNames[0]}`;

describe.concurrent('a crash test', { timeout: 120_000 }, () => {
  it('finds nothing where nothing is, whatever work is cut off', async (context) => {
    const one = await campaign(context, (work, model) => new FolderSubject(work, model));
    await one.begin();
    for (let round = 1; round <= 3; round++) await one.round(round);
    await one.end();
    expect(one.steps).toBeGreaterThan(20);
    expect(one.comparisons).toBeGreaterThan(0);
  });

  it('finds a byte that a crash has added', async (context) => {
    class Adds extends FolderSubject {
      override async kill() {
        await sleep(100);
        await appendFile(join(this.folder, steady), 'x');
      }
    }
    const one = await campaign(context, (work, model) => new Adds(work, model));
    await one.begin();
    await expect(one.round(1)).rejects.toThrow(/Not what was acknowledged.*\n.*document.txt: has \d+ bytes/);
  });

  it('finds a file that is lost on the way to the server', async (context) => {
    class Forgets extends FolderSubject {
      override async flush() {
        await super.flush();
        if ((await readdir(join(this.folder, 'worker 0'))).length > 1) this.model.remove(`disk:/${steady}`);
      }
    }
    const one = await campaign(context, (work, model) => new Forgets(work, model));
    await one.begin();
    await one.round(1);
    await expect(one.end()).rejects.toThrow(/not what was acknowledged.*\n.*document.txt: is missing/);
  });

  it('finds a name that was missing on the server for a moment while it was replaced', async (context) => {
    class Gap extends FolderSubject {
      override async flush() {
        await super.flush();
        const bytes = this.model.read(`disk:/${steady}`);
        const properties = this.model.find(`disk:/${steady}`)?.properties;
        this.model.remove(`disk:/${steady}`);
        await sleep(1);
        this.model.putFile(`disk:/${steady}`, bytes, { properties });
      }
    }
    const one = await campaign(context, (work, model) => new Gap(work, model));
    await one.begin();
    await expect(one.end()).rejects.toThrow(/document.txt was missing on the server for a moment/);
  });

  it('finds half a file that came to the server', async (context) => {
    class Half extends FolderSubject {
      override async flush() {
        await super.flush();
        const bytes = this.model.read(`disk:/${steady}`);
        const properties = this.model.find(`disk:/${steady}`)?.properties;
        this.model.putFile(`disk:/${steady}`, Buffer.concat([bytes, Buffer.from('half')]));
        this.model.putFile(`disk:/${steady}`, bytes, { properties });
      }
    }
    const one = await campaign(context, (work, model) => new Half(work, model));
    await one.begin();
    await expect(one.end()).rejects.toThrow(/bytes came to the server that no program had ever finished/);
  });
});
