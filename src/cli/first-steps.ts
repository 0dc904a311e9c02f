import { accountContext } from './account-context.ts';

/** Whether nobody has ever logged in here, and no token is given: then there is one thing to do first. */
export async function isNothingSetUp(environment: NodeJS.ProcessEnv): Promise<boolean> {
  if (environment['YADISKFS_TOKEN']) return false;
  return (await accountContext(environment).store.list()).length === 0;
}

/** Questions need a terminal at both ends. */
export function isAttended(): boolean {
  return process.stdin.isTTY === true && process.stdout.isTTY === true;
}
