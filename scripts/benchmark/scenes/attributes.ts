import { join } from 'node:path';
import type { Measure, Outcome } from '../measure.ts';
import { type Plot, plantedFiles } from '../planting.ts';
import type { Scene } from '../scene.ts';
import { linesOf, type Stage } from '../stage.ts';
import { scaled } from './scale.ts';

const processCounts = [1, 4];
/** Of the binding with nothing behind it, calls a second by one process and by four: what the mount's own speed is held against. */
const bareCalls = new Map([
  [1, 9_000],
  [4, 18_000],
]);
const bareKernelCalls = 288_000;

/** The calls come from processes of their own, each a loop of `stat` over all files, beginning at another one. */
export function warmStat(scale: number): Scene {
  const few = scaled(1000, scale);
  // A process is round again after more than the second for which both programs let the kernel answer by itself.
  const manyInFolder = scaled(10_000, scale);
  const folders = 6;
  const seconds = Math.max(0.2, 3 * Math.min(1, scale));
  const fewPlot: Plot = { path: 'few', declared: { files: few, fileSizeBytes: 100 } };
  const inside = { files: manyInFolder, fileSizeBytes: 100 };
  const manyPlot: Plot = { path: 'many', declared: { files: 0, folders, fileSizeBytes: 0, inside } };
  const many = (manyInFolder * folders).toLocaleString('en');
  const by = (processes: number) => `by ${processes} process${processes === 1 ? '' : 'es'}`;
  const coveredName = (processes: number) => `${by(processes)}, ${few} files`;
  const uncoveredName = (processes: number) => `${by(processes)}, ${many} files`;
  return {
    number: 14,
    title: 'warm stat calls over files of listed folders',
    measures: [
      ...processCounts.map(
        (processes): Measure => ({
          name: coveredName(processes),
          unit: '/s',
          moreIsBetter: true,
          remark: 'kernel time-outs at the defaults',
          goal: { atLeastTimesRclone: 3 },
          bound: "binding alone: 288 k from the kernel's cache",
          boundValue: bareKernelCalls,
        }),
      ),
      ...processCounts.map((processes): Measure => {
        const bare = bareCalls.get(processes) ?? 0;
        return {
          name: uncoveredName(processes),
          unit: '/s',
          moreIsBetter: true,
          remark: "more files than the kernel's time-outs cover",
          bound: `binding alone: ${bare / 1000} k uncached`,
          boundValue: bare,
        };
      }),
    ],
    plots: [fewPlot, manyPlot],
    files: [],
    run: async (stage) => {
      const mounted = await stage.mount();
      const { stdout } = await stage.run('cd "$1" && exec find . -type f', mounted.mountpoint);
      const paths = (plot: Plot) => plantedFiles([plot]).map(({ path }) => path);
      const [fewPaths, manyPaths] = [paths(fewPlot), paths(manyPlot)];
      const all = [...fewPaths, ...manyPaths].map((path) => `./${path}`);
      stage.compareUnordered('names', linesOf(stdout), all);
      const outcomes: Outcome[] = [];
      for (const [paths, nameOf] of [
        [fewPaths, coveredName],
        [manyPaths, uncoveredName],
      ] as const) {
        const files = paths.map((path) => join(mounted.mountpoint, path));
        for (const processes of processCounts) {
          const probes = await startProbes(stage, files, processes, seconds);
          const outcome = await stage.observe(nameOf(processes), mounted, async () => {
            const findings = await Promise.all(probes.map((probe) => probe.perform()));
            return findings.reduce((sum, finding) => sum + finding.count / (finding.seconds ?? seconds), 0);
          });
          outcomes.push(outcome);
        }
      }
      await stage.compareFiles(mounted, [fewPlot]);
      return outcomes;
    },
  };
}

function startProbes(stage: Stage, files: readonly string[], processes: number, seconds: number) {
  const probes = Array.from({ length: processes }, (_, index) => {
    const first = Math.floor((index * files.length) / processes);
    return stage.probe({
      kind: 'stat',
      files: [...files.slice(first), ...files.slice(0, first)],
      seconds,
    });
  });
  return Promise.all(probes);
}
