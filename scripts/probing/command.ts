import { constants } from 'node:fs';
import { access, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { readyToken } from '../../src/auth/environment-token.ts';
import { exitCodes } from '../../src/cli/report.ts';
import { serviceUrl } from '../../src/disk-api/hosts.ts';
import { Failure } from '../../src/errors.ts';
import { allQuestions } from './catalogue.ts';
import { realClock } from './clock.ts';
import type { OAuthClient } from './device-login.ts';
import { type ProbeArguments, parseArguments, usage } from './options.ts';
import type { Person } from './person.ts';
import { planText } from './plan.ts';
import { Probe } from './probe.ts';
import { promises } from './promises.ts';
import type { Question } from './question.ts';
import { reportText } from './report.ts';
import { neverAskedTable, questionTable } from './table.ts';

interface Surroundings {
  readonly environment: NodeJS.ProcessEnv;
  readonly person: Person;
  /** Where the report goes. */
  readonly write: (text: string) => void;
  /** Fires when somebody wants the end. */
  readonly signal: AbortSignal;
}

/** The whole program. @returns the exit code. @throws Failure */
export async function probeCommand(words: readonly string[], surroundings: Surroundings): Promise<number> {
  const options = parseArguments(words);
  const { environment, write } = surroundings;
  if (options.task === 'help') {
    write(usage);
    return exitCodes.done;
  }
  const client = options.optedIn.has('oauth') ? oauthClient(environment) : undefined;
  const questions = chosen(allQuestions({ ...options, client }), options);
  if (options.task === 'list') {
    write(listText(questions));
    return exitCodes.done;
  }
  if (options.task === 'table') {
    write(`${questionTable(questions)}\n\n${neverAskedTable()}\n`);
    return exitCodes.done;
  }
  await requireWritable(options.jsonFile);
  const probe = connected(options, surroundings);
  try {
    return options.task === 'clean'
      ? await cleanAll(probe, options, surroundings)
      : await askAll(probe, questions, options, surroundings);
  } finally {
    probe.close();
  }
}

function connected(options: ProbeArguments, { environment, person, signal }: Surroundings): Probe {
  const token = environment['YADISKFS_TOKEN'];
  if (token === undefined || token === '') {
    throw new Failure('login-needed', 'No token: YADISKFS_TOKEN is not set', {
      hint: 'Set it to an access token with the rights cloud_api:disk.info, .read and .write.',
    });
  }
  const apiUrl = environment['YADISKFS_API_URL'] ?? 'https://cloud-api.yandex.net/v1/disk';
  const oauthUrl = environment['YADISKFS_OAUTH_URL'] ?? 'https://oauth.yandex.ru';
  return new Probe({
    apiUrl: serviceUrl(apiUrl, 'YADISKFS_API_URL'),
    oauthUrl: options.optedIn.has('oauth') ? serviceUrl(oauthUrl, 'YADISKFS_OAUTH_URL') : undefined,
    tokens: readyToken(token),
    requestsPerSecond: options.requestsPerSecond,
    clock: realClock,
    person,
    signal,
  });
}

function oauthClient(environment: NodeJS.ProcessEnv): OAuthClient {
  const { YADISKFS_CLIENT_ID: id, YADISKFS_CLIENT_SECRET: secret } = environment;
  if (id && secret) return { id, secret };
  throw new Failure('invalid', '--oauth takes YADISKFS_CLIENT_ID and YADISKFS_CLIENT_SECRET');
}

/** Those of `--only`; their opt-ins are still needed. */
function chosen(questions: readonly Question[], { only }: ProbeArguments): readonly Question[] {
  const unknown = only?.find((id) => !questions.some((question) => question.id === id));
  if (unknown !== undefined)
    throw new Failure('invalid', `No question is named "${unknown}"`, {
      hint: 'scripts/probe --list names them all.',
    });
  return only ? questions.filter(({ id }) => only.includes(id)) : questions;
}

async function askAll(
  probe: Probe,
  questions: readonly Question[],
  options: ProbeArguments,
  { environment, person, write }: Surroundings,
): Promise<number> {
  const host = new URL(environment['YADISKFS_API_URL'] ?? 'https://cloud-api.yandex.net').host;
  const { requestsPerSecond, optedIn } = options;
  person.tell(planText(questions, optedIn, { host, requestsPerSecond }));
  if (!(await agreed(options, person, 'Start?'))) {
    person.tell('Nothing was done.');
    return exitCodes.done;
  }
  await offerCleaning(probe, options, person);
  const report = await probe.run(questions, optedIn);
  write(reportText(report));
  if (options.jsonFile !== undefined)
    await writeFile(options.jsonFile, `${JSON.stringify(report, null, 2)}\n`);
  const failed = report.questions.some(({ state }) => state === 'failed');
  return report.complete && report.cleaning.complete && !failed ? exitCodes.done : exitCodes.failed;
}

/** @throws Failure when nobody can be asked. */
async function agreed({ yes }: ProbeArguments, person: Person, question: string): Promise<boolean> {
  if (yes) return true;
  if (!person.present) {
    throw new Failure('invalid', 'Nobody is there who could agree to this', {
      hint: 'Run it in a terminal, or with --yes when you have read what it is going to do.',
    });
  }
  return person.confirm(question);
}

/** Left-overs are only taken away when somebody says so: one may belong to a run that is still going. */
async function offerCleaning(probe: Probe, { yes }: ProbeArguments, person: Person): Promise<void> {
  for (const path of await probe.leftovers()) {
    if (yes || !person.present) {
      person.tell(`An earlier run has left ${path}. scripts/probe --clean takes it away.`);
    } else if (
      await person.confirm(`An earlier run has left ${path}, unless one is going on. Delete it for good?`)
    ) {
      await tellCleaning(probe, path, person);
    }
  }
}

async function cleanAll(probe: Probe, options: ProbeArguments, { person }: Surroundings): Promise<number> {
  if (!options.yes && !person.present) await agreed(options, person, '');
  const paths = await probe.leftovers();
  if (paths.length === 0) person.tell('No earlier run has left anything.');
  let complete = true;
  for (const path of paths) {
    if (await agreed(options, person, `Delete ${path} for good?`))
      complete = (await tellCleaning(probe, path, person)) && complete;
  }
  return complete ? exitCodes.done : exitCodes.failed;
}

async function tellCleaning(probe: Probe, path: string, person: Person): Promise<boolean> {
  const { complete } = await probe.clean(path);
  person.tell(complete ? `${path} is gone.` : `${path} could not be deleted.`);
  return complete;
}

function listText(questions: readonly Question[]): string {
  const lines = questions.flatMap(({ id, title, settings, needs, promises: resting }) => [
    `${id}${needs === undefined ? '' : ` (--${needs})`}: ${title}`,
    `  decides: ${settings.join(', ') || 'no setting'}`,
    ...resting.map((name) => `  rests on it: ${promises[name]}`),
  ]);
  return `${lines.join('\n')}\n`;
}

/** Before anything is asked: an hour's answers are not to be lost over a mistyped folder. @throws Failure 'invalid' */
async function requireWritable(file: string | undefined): Promise<void> {
  if (file === undefined) return;
  const folder = dirname(resolve(file));
  await access(folder, constants.W_OK).catch((cause: unknown) => {
    throw new Failure('invalid', `The report cannot be written into ${folder}`, { cause });
  });
}
