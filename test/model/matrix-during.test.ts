import { settingsOf } from '../../scripts/crash/doubtful-settings.ts';
import { seededRandom } from '../stand-in/random.ts';
import { describeMatrix } from './matrix-cases.ts';
import { beforeTheLook, whileItIsSent } from './outcomes.ts';

describeMatrix(
  'theirs while ours is on its way to its last look',
  'during',
  settingsOf('usual', seededRandom('')),
  { ...beforeTheLook, change: { ...beforeTheLook.change, ...whileItIsSent.change } },
  ['create', 'change', 'rename', 'delete-folder'],
);
