import type { Measure, Outcome } from './measure.ts';
import type { PlantedFile, Plot } from './planting.ts';
import type { Stage } from './stage.ts';

/** Something that is done with a mount, and measured. */
export interface Scene {
  readonly number: number;
  /** Of targets that it measures on the way. */
  readonly alsoNumbers?: readonly number[];
  readonly title: string;
  readonly measures: readonly Measure[];
  /** It changes the Disk: it begins with an empty folder of its own each time. */
  readonly writes?: true;
  /** What it needs on the Disk, in its own folder there. */
  readonly plots: readonly Plot[];
  /** Files whose bytes it reads. */
  readonly files: readonly PlantedFile[];
  run(stage: Stage): Promise<readonly Outcome[]>;
}
