import { settingsOf } from '../../scripts/crash/doubtful-settings.ts';
import { isWhole } from '../all-tests.ts';
import { seededRandom } from '../stand-in/random.ts';
import { describeMatrix } from './matrix-cases.ts';
import { beforeTheLook, withoutResources } from './outcomes.ts';

const settings = { ...settingsOf('other', seededRandom('')), diskRevisionMoves: 'never' } as const;

describeMatrix(
  'both before anything was sent, on a Disk with all doubtful settings the other way',
  'before',
  settings,
  {
    ...beforeTheLook,
    change: { ...beforeTheLook.change, ...withoutResources.change },
    rename: { ...beforeTheLook.rename, ...withoutResources.rename },
    move: { ...beforeTheLook.move, ...withoutResources.move },
  },
  isWhole ? ['create', 'change', 'move', 'delete-folder'] : ['change', 'delete-folder'],
);
