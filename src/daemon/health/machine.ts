import { access, constants } from 'node:fs/promises';
import { type Features, installedFeatures, missingFeatures } from '../../fuse/binding/features.ts';
import { findFusermount } from '../../fuse/binding/fusermount.ts';
import { bad, type Finding, good, warning } from './finding.ts';

interface Machine {
  readonly fuseDevice: string;
  /** Where fusermount is looked for; undefined: as a mount does. */
  readonly programFolders?: readonly string[] | undefined;
  readonly isRoot: boolean;
  /** @throws when the binding cannot be loaded */
  readonly features: () => Features;
}

export const thisMachine: Machine = {
  fuseDevice: '/dev/fuse',
  isRoot: process.geteuid?.() === 0,
  features: installedFeatures,
};

/** What the machine must have before anything can be mounted. */
export async function examineMachine(machine: Machine): Promise<Finding[]> {
  return [await fuseDevice(machine), await fusermount(machine), binding(machine)];
}

async function fuseDevice({ fuseDevice: device }: Machine): Promise<Finding> {
  const check = 'fuse-device';
  try {
    await access(device, constants.R_OK | constants.W_OK);
    return good(check, `${device} is there`);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      return bad(
        check,
        `${device} is missing`,
        'sudo modprobe fuse. In a container: start it with --device /dev/fuse --cap-add SYS_ADMIN.',
      );
    return bad(check, `${device} is closed to this user`, `sudo chmod 666 ${device}`);
  }
}

async function fusermount({ programFolders, isRoot }: Machine): Promise<Finding> {
  const check = 'fusermount';
  try {
    return good(check, `${await findFusermount(undefined, programFolders)} is there`);
  } catch {
    const remedy = 'sudo apt install fuse3 (dnf install fuse3)';
    return isRoot
      ? warning(check, 'fusermount3 is not installed: root mounts without, and cannot unmount', remedy)
      : bad(check, 'fusermount3 is not installed', remedy);
  }
}

/** The native part, and whether it keeps dates. */
function binding({ features }: Machine): Finding {
  const check = 'binding';
  try {
    const missing = missingFeatures(features());
    const [first] = missing;
    if (first === undefined) return good(check, 'the FUSE binding is there, mended');
    return warning(
      check,
      `the FUSE binding is there, as it comes: ${missing.join('; ')}`,
      'Install a C compiler (build-essential), then install this program anew.',
    );
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return bad(check, message, 'sudo apt install libfuse2, or a C compiler; then install this program anew.');
  }
}
