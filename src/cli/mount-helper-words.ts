import { resolve } from 'node:path';
import { Failure } from '../errors.ts';

/** What mount(8) wants done, in our words. */
interface HelperRequest {
  /** The command line of `yadiskfs`. */
  readonly words: readonly string[];
  /** Whose mount it is, where root mounts for somebody: a name or a number. */
  readonly user: string | undefined;
  /** `mount -f`: look whether all is well, mount nothing. */
  readonly isPretended: boolean;
}

/** Sources that name no login: the one that is used without a name is meant. */
const nameless = new Set(['', 'none', 'yandex', 'yadiskfs']);

/** How mount.fuse3(8) calls it as well. */
const userOption = 'setuid';

/** Flags of mount(8) that come with a value; both say nothing to us: the type is ours, and a namespace was entered already. */
const valued = new Set(['-t', '-N']);

/**
 * Reads `SOURCE DIR [-sfnv] [-N NAMESPACE] [-o OPTIONS] [-t TYPE]`. SOURCE is the name of a login, or a word that names none
 * (`yandex`), and may be followed by `:/FOLDER`, the folder of the Disk to show.
 * @throws Failure 'invalid'
 */
export function helperRequest(args: readonly string[]): HelperRequest {
  const places: string[] = [];
  const options: string[] = [];
  let isPretended = false;
  for (let index = 0; index < args.length; index++) {
    const argument = args[index] ?? '';
    if (argument === '-o') options.push(...(args[++index] ?? '').split(','));
    else if (argument.startsWith('-o')) options.push(...argument.slice(2).split(','));
    else if (valued.has(argument)) index++;
    else if (/^-[sfnv]+$/.test(argument)) isPretended ||= argument.includes('f');
    else if (argument.startsWith('-')) throw new Failure('invalid', `No such option: ${argument}`, { hint });
    else places.push(argument);
  }
  const [source, dir, ...more] = places;
  if (source === undefined || dir === undefined || more.length > 0)
    throw new Failure('invalid', 'A source and a folder to mount on are needed', { hint });
  if (options.includes('remount'))
    throw new Failure('unsupported', 'A mounted Disk cannot be given other options', {
      hint: `Unmount it first: umount '${dir}'`,
    });

  // mount(8) begins with `rw` where nobody says `ro`: that is no word of a person, who may have another default.
  const said = options[0] === 'rw' ? options.slice(1) : options;
  const ours = said.filter((option) => option !== '' && !option.startsWith(`${userOption}=`));
  const user = options
    .findLast((option) => option.startsWith(`${userOption}=`))
    ?.slice(userOption.length + 1);
  const list = [...optionsOf(source), ...ours];
  return {
    // A path that is absolute cannot be taken for an option.
    words: ['mount', resolve(dir), '--daemon', ...(list.length > 0 ? ['-o', list.join(',')] : [])],
    user,
    isPretended,
  };
}

const hint = 'mount -t yadiskfs yandex DIR -o OPTIONS; yadiskfs mount --help lists the options.';

/** Options that are given go before what the source says: the last of two counts. */
function optionsOf(source: string): string[] {
  const [name = '', ...rest] = source.split(':');
  const folder = rest.join(':');
  return [...(nameless.has(name) ? [] : [`account=${name}`]), ...(folder === '' ? [] : [`root=${folder}`])];
}
