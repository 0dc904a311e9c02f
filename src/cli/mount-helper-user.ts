import { execFile } from 'node:child_process';
import { access } from 'node:fs/promises';
import { promisify } from 'node:util';
import { Failure } from '../errors.ts';

const run = promisify(execFile);

/**
 * Turns this process, root's, into one of a person: their groups, home and runtime folder; nothing of root's settings stays.
 * @param user a name or a number
 * @throws Failure 'invalid' when there is nobody of that name, 'not-permitted' when we are neither root nor they
 */
export async function becomeUser(user: string, environment: NodeJS.ProcessEnv): Promise<void> {
  const person = await personCalled(user);
  if (process.getuid?.() === person.uid) return;
  if (process.getuid?.() !== 0)
    throw new Failure('not-permitted', `Only root can mount for another: ${person.name}`);
  (process as WithGroups).initgroups(person.name, person.gid);
  process.setgid?.(person.gid);
  process.setuid?.(person.uid);
  for (const name of Object.keys(environment)) if (name.startsWith('XDG_')) delete environment[name];
  const runtime = `/run/user/${person.uid}`;
  const isLoggedIn = await access(runtime).then(
    () => true,
    () => false,
  );
  Object.assign(environment, {
    HOME: person.home,
    USER: person.name,
    LOGNAME: person.name,
    ...(isLoggedIn ? { XDG_RUNTIME_DIR: runtime } : {}),
  });
}

/** What the types of Node do not tell. */
type WithGroups = NodeJS.Process & { initgroups(user: string, group: number): void };

interface Person {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

/** By getent(1), which asks all that the system knows people from; Node asks only for the one that it runs as. */
async function personCalled(user: string): Promise<Person> {
  // What begins with a dash would be an option.
  const line = /^[^-:,][^:,]*$/.test(user)
    ? await run('getent', ['passwd', user]).then(
        ({ stdout }) => stdout,
        () => '',
      )
    : '';
  const [name, , uid, gid, , home] = line.trimEnd().split(':');
  if (name === undefined || name === '' || home === undefined || !/^\d+$/.test(`${uid}${gid}`))
    throw new Failure('invalid', `There is no user ${user}`, { hint: 'setuid=NAME mounts as somebody.' });
  return { name, uid: Number(uid), gid: Number(gid), home };
}
