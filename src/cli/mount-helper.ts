#!/usr/bin/env node
import { join } from 'node:path';
import { becomeUser } from './mount-helper-user.ts';
import { helperRequest } from './mount-helper-words.ts';
import { exitCodeOf, hintFurther, reportFailure } from './report.ts';

/**
 * `mount.yadiskfs SOURCE DIR [-o OPTIONS]`, as mount(8) calls it for the type `yadiskfs`: says what is wanted as a command
 * line of `yadiskfs mount --daemon`, as the person who is named, and becomes that.
 */
async function main(): Promise<void> {
  const request = helperRequest(process.argv.slice(2));
  if (request.isPretended) return;
  if (request.user !== undefined) {
    await becomeUser(request.user, process.env);
    hintFurther('login-needed', `Do it as ${request.user}, whose logins setuid means.`);
  } else if (process.getuid?.() === 0)
    hintFurther(
      'login-needed',
      'What root mounts is with a login of root. With the login of somebody else: -o setuid=NAME',
    );
  const program = join(import.meta.dirname, 'main.js');
  process.argv.splice(1, process.argv.length, program, ...request.words);
  await import('./main.ts');
}

try {
  await main();
} catch (error) {
  reportFailure(error, false);
  process.exitCode = exitCodeOf(error);
}
