import { type ChildProcess, spawn } from 'node:child_process';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect } from 'vitest';
import { privateEnvironment, program, testFolder } from '../mount/mounted-disk.ts';
import { type StandIn, startStandIn } from '../stand-in/index.ts';
import type { SettingsInput } from '../stand-in/settings.ts';

/** A stand-in Disk, and a new user of it: nobody is logged in, nothing is set but where the services are. */
export interface NewUser {
  readonly disk: StandIn;
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
  /** The same with the app of the stand-in, so that nothing need be asked. */
  readonly withApp: NodeJS.ProcessEnv;
  accountFile(account?: string): string;
  close(): Promise<void>;
}

/** Whoever waits for a user asks every second, which is as often as anything is asked. */
const quick: SettingsInput = { devicePollIntervalMs: 1000, operationMs: 0 };

export async function newUser(settings: SettingsInput = {}): Promise<NewUser> {
  const disk = await startStandIn({ settings: { ...quick, ...settings } });
  const folder = await testFolder();
  const { YADISKFS_TOKEN: _, ...rest } = privateEnvironment(folder, disk);
  const environment = { ...rest, YADISKFS_OAUTH_URL: disk.oauthUrl };
  return {
    disk,
    folder,
    environment,
    withApp: {
      ...environment,
      YADISKFS_CLIENT_ID: disk.settings.clientId,
      YADISKFS_CLIENT_SECRET: disk.settings.clientSecret,
    },
    accountFile: (account = 'default') => join(folder, 'config', 'accounts', `${account}.json`),
    close: async () => {
      await disk.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A new user for each test of a file: the same object, which is somebody else each time. */
export function userOfEachTest(): NewUser {
  const user = {} as NewUser;
  beforeEach(async () => {
    Object.assign(user, await newUser());
  });
  afterEach(() => user.close());
  return user;
}

/** The program under way, and all that it has said. */
export interface Running {
  readonly process: ChildProcess;
  /** Lines of stdout that are JSON. */
  events(): { readonly event: string; readonly [field: string]: unknown }[];
  stdout(): string;
  stderr(): string;
  /** Resolves when stdout has this text. */
  said(text: string | RegExp): Promise<void>;
  readonly ended: Promise<number | null>;
}

/** Starts the program with nobody at a terminal. `input` is piped in. */
export function start(environment: NodeJS.ProcessEnv, args: readonly string[], input = ''): Running {
  const child = spawn(process.execPath, [program, ...args], { env: environment, stdio: 'pipe' });
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  let stdout = '';
  let stderr = '';
  const listeners = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
    for (const listener of listeners) listener();
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  return {
    process: child,
    stdout: () => stdout,
    stderr: () => stderr,
    events: () =>
      stdout
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line)),
    said: (text) =>
      new Promise((resolve, reject) => {
        const check = () => {
          if (typeof text === 'string' ? !stdout.includes(text) : !text.test(stdout)) return;
          listeners.delete(check);
          resolve();
        };
        listeners.add(check);
        check();
        void ended.then((code) =>
          reject(new Error(`ended with ${code} before "${text}":\n${stdout}${stderr}`)),
        );
      }),
    ended,
  };
}

/** Runs the program to its end. */
export async function finish(environment: NodeJS.ProcessEnv, ...args: string[]) {
  const running = start(environment, args);
  const code = await running.ended;
  return { code, stdout: running.stdout(), stderr: running.stderr(), events: running.events() };
}

/** Logs in with a code that is confirmed as soon as it is shown. */
export async function logIn(user: NewUser, ...args: string[]): Promise<void> {
  const running = start(user.withApp, ['setup', ...args]);
  await running.said('type the code');
  user.disk.control.approveDevice();
  const code = await running.ended;
  if (code !== 0) throw new Error(`setup ended with ${code}:\n${running.stdout()}${running.stderr()}`);
}

/** What is stored; fails when nothing is. */
export async function storedLogin(user: NewUser, account?: string): Promise<Record<string, unknown>> {
  return JSON.parse(await readFile(user.accountFile(account), 'utf8'));
}

/** Whatever was tried, nobody is logged in. */
export async function expectNothingStored(user: NewUser): Promise<void> {
  expect(await accountsOf(user)).toContain('Nobody');
}

/** How often the service was asked for this. */
export function oauthRequests({ disk }: NewUser, route: string): number {
  return disk.wire.requestLog.list().filter((request) => request.route === route).length;
}

/** The words of `accounts`, which tell whether anybody is logged in. */
export async function accountsOf({ environment }: NewUser): Promise<string> {
  return (await finish(environment, 'accounts')).stdout;
}

export async function modeOf(path: string): Promise<number> {
  return (await stat(path)).mode & 0o777;
}

/** Every file under a folder, with its content. */
export async function filesUnder(folder: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    found.set(path, await readFile(path, 'latin1'));
  }
  return found;
}
