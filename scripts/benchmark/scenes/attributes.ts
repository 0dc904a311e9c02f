import { join } from 'node:path';
import type { Outcome } from '../measure.ts';
import { type Plot, plantedFiles } from '../planting.ts';
import type { Scene } from '../scene.ts';
import { scaled } from './scale.ts';

const processCounts = [1, 4];

/** The calls come from processes of their own, each a loop of `stat` over the whole folder, beginning at another file. */
export function warmStat(scale: number): Scene {
  const count = scaled(1000, scale);
  const seconds = Math.max(0.2, 3 * Math.min(1, scale));
  const plots: Plot[] = [{ path: '', declared: { files: count, fileSizeBytes: 100 } }];
  const names = plantedFiles(plots).map(({ path }) => path);
  const nameOf = (processes: number) => `by ${processes} process${processes === 1 ? '' : 'es'}`;
  return {
    number: 14,
    title: `warm stat calls over ${count} files of a folder`,
    measures: processCounts.map((processes) => ({
      name: nameOf(processes),
      unit: '/s',
      moreIsBetter: true,
      remark: 'kernel time-outs at the defaults',
      goal: { atLeastTimesRclone: 3 },
      bound: `binding alone: ${processes === 1 ? '9 k' : '18 k'} uncached, 288 k from the kernel's cache`,
    })),
    plots,
    files: [],
    run: async (stage) => {
      const mounted = await stage.mount();
      const { stdout } = await stage.run('cd "$1" && exec ls', mounted.mountpoint);
      stage.compare('names', stdout.trimEnd().split('\n').sort(), [...names].sort());
      const outcomes: Outcome[] = [];
      for (const processes of processCounts) {
        const probes = await Promise.all(
          Array.from({ length: processes }, (_, index) => {
            const first = Math.floor((index * names.length) / processes);
            const files = [...names.slice(first), ...names.slice(0, first)].map((name) =>
              join(mounted.mountpoint, name),
            );
            return stage.probe({ kind: 'stat', files, seconds });
          }),
        );
        const outcome = await stage.observe(nameOf(processes), mounted, async () => {
          const findings = await Promise.all(probes.map((probe) => probe.perform()));
          return findings.reduce((sum, finding) => sum + finding.count / (finding.seconds ?? seconds), 0);
        });
        outcomes.push(outcome);
      }
      return outcomes;
    },
  };
}
