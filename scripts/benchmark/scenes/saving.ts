import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Outcome } from '../measure.ts';
import type { Scene } from '../scene.ts';
import { ServerState, watchPresence } from '../server-state.ts';
import { scaled } from './scale.ts';

/** What is said of times that rclone has too. */
export const fromReturn = 'counted from the return of the command; rclone waits for 5 s before it sends';
const firstModifiedSeconds = Date.UTC(2015, 4, 6, 7, 8, 9) / 1000;

/** A text of about four kilobytes, each another one. */
export function textOf(index: number): string {
  return `line of file ${index}\n`.repeat(220);
}

export function md5Of(bytes: string | Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex');
}

export function modifiedOf(index: number): number {
  return firstModifiedSeconds + index * 3_601;
}

export function writeSmallFiles(scale: number): Scene {
  const count = scaled(100, scale);
  const files = Array.from({ length: count }, (_, index) => ({ name: `note-${index}.txt`, index }));
  return {
    number: 6,
    title: `write ${count} small files, with dates`,
    writes: true,
    measures: [
      { name: 'written', unit: 's' },
      { name: 'close, median', unit: 'ms', goal: { atMost: 2 } },
      { name: 'close, the slowest', unit: 'ms' },
      {
        name: 'content on the server',
        unit: 's',
        goal: { atMost: 4 },
        liftedGoal: { atMost: 4 },
        remark: fromReturn,
      },
      {
        name: 'dates too',
        unit: 's',
        goal: { atMost: 7, requestsAtMost: 310 },
        liftedGoal: { atMost: 4, requestsAtMost: 310 },
        bound: 'link, PUT, properties of each file; one listing looks at all',
      },
    ],
    plots: [{ path: '', declared: { files: 0, fileSizeBytes: 0 } }],
    files: [],
    run: async (stage): Promise<Outcome[]> => {
      const server = new ServerState(stage);
      await server.clear();
      const mounted = await stage.mount('writable');
      await stage.run('ls "$1"', mounted.mountpoint);
      const probe = await stage.probe({
        kind: 'write',
        files: files.map(({ name, index }) => ({
          file: join(mounted.mountpoint, name),
          text: textOf(index),
          modifiedSeconds: modifiedOf(index),
        })),
      });
      const wanted = files.map(({ name, index }) => ({
        path: name,
        md5: md5Of(textOf(index)),
        modifiedSeconds: modifiedOf(index),
      }));
      let [written, content, closes]: [number | null, number | null, number[]] = [null, null, []];
      const all = await stage.observe('dates too', mounted, async () => {
        const finding = await probe.perform();
        [written, closes] = [finding.seconds, finding.closeSeconds.sort((one, other) => one - other)];
        const { contentSeconds, allSeconds } = await server.sent(mounted, wanted);
        content = contentSeconds;
        return allSeconds;
      });
      return [
        { measure: 'written', value: written },
        { measure: 'close, median', value: 1000 * (closes[Math.floor(closes.length / 2)] ?? 0) },
        { measure: 'close, the slowest', value: 1000 * (closes.at(-1) ?? 0) },
        { measure: 'content on the server', value: content },
        all,
      ];
    },
  };
}

export function savesByRename(): Scene {
  const texts = Array.from({ length: 5 }, (_, index) => textOf(1_000 + index));
  return {
    number: 10,
    title: `${texts.length} saves: write beside, fsync, rename over`,
    writes: true,
    measures: [
      { name: 'saved', unit: 's' },
      {
        name: 'on the server',
        unit: 's',
        goal: { requestsAtMost: 4 },
        bound: 'link, PUT, properties; a listing that looks',
        remark: fromReturn,
      },
      { name: 'the file was missing there', unit: 'looks', goal: { atMost: 0 } },
    ],
    plots: [{ path: '', declared: { files: 0, fileSizeBytes: 0 } }],
    files: [],
    run: async (stage): Promise<Outcome[]> => {
      const server = new ServerState(stage);
      await server.clear();
      await stage.site.control.post('put', { path: `${stage.diskPath}/document.txt`, text: 'before' });
      const mounted = await stage.mount('writable');
      await stage.run('cat "$1/document.txt"', mounted.mountpoint);
      const file = join(mounted.mountpoint, 'document.txt');
      const probe = await stage.probe({ kind: 'save', file, texts });
      const stopWatching = watchPresence(stage, 'document.txt');
      let saved: number | null = null;
      const all = await stage.observe('on the server', mounted, async () => {
        saved = (await probe.perform()).seconds;
        const wanted = [{ path: 'document.txt', md5: md5Of(texts.at(-1) ?? '') }];
        return (await server.sent(mounted, wanted)).allSeconds;
      });
      const { missing } = await stopWatching();
      return [
        { measure: 'saved', value: saved },
        all,
        { measure: 'the file was missing there', value: missing },
      ];
    },
  };
}
