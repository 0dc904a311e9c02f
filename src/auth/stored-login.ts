import { z } from 'zod';
import { Failure } from '../errors.ts';
import { isHeaderSafe } from './secret-text.ts';

/** The newest format of a stored login that this program writes and reads. */
const formatVersion = 1;

const secret = z.string().refine(isHeaderSafe);
const moment = z.string().refine((text) => !Number.isNaN(Date.parse(text)));

const appShape = z.object({ id: secret, secret });

/** The application that somebody made at Yandex and that asks for tokens. */
export type App = z.infer<typeof appShape>;

const personShape = z.object({
  /** The only part that never changes. */
  uid: z.string().min(1),
  login: z.string().optional(),
  displayName: z.string().optional(),
});

/** Whose Disk a token opens. */
export type Person = z.infer<typeof personShape>;

const loginShape = z.object({
  version: z.literal(formatVersion),
  accessToken: secret,
  /** Missing with a token that was given ready: it cannot be renewed. */
  refreshToken: secret.optional(),
  app: appShape.optional(),
  obtainedAt: moment,
  /** Missing when nobody said how long the token lives. */
  expiresAt: moment.optional(),
  /** Missing when the Disk could not be asked at the time. */
  person: personShape.optional(),
});

/** A login as it stands in `accounts/NAME.json`; moments are ISO 8601. */
export type StoredLogin = Readonly<Omit<z.infer<typeof loginShape>, 'version'>>;

/**
 * Reads a stored login.
 * @throws Failure 'local' for a format of a later version, or for what is no login. What stands in the file is never quoted.
 */
export function parseLogin(text: string, path: string): StoredLogin {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // No cause is kept: the parser's own message quotes what it read.
    throw damaged(path);
  }
  refuseNewer(json, path);
  const checked = loginShape.safeParse(json);
  if (!checked.success) throw damaged(path);
  const { version: _, ...login } = checked.data;
  return login;
}

/**
 * What is to be replaced may be damaged, but not newer than this program.
 * @throws Failure 'local' when a later version wrote it.
 */
export function refuseNewerLogin(text: string, path: string): void {
  try {
    refuseNewer(JSON.parse(text), path);
  } catch (error) {
    if (error instanceof Failure) throw error;
  }
}

export function formatLogin(login: StoredLogin): string {
  return `${JSON.stringify({ version: formatVersion, ...login }, null, 2)}\n`;
}

/** True when both hold the same tokens: whatever else is known, a renewal of one is a renewal of the other. */
export function sameTokens(one: StoredLogin, other: StoredLogin): boolean {
  return one.accessToken === other.accessToken && one.refreshToken === other.refreshToken;
}

function refuseNewer(json: unknown, path: string): void {
  const head = z.object({ version: z.number() }).safeParse(json);
  if (!head.success || head.data.version <= formatVersion) return;
  throw new Failure(
    'local',
    `The stored login has a format that is newer than this yadiskfs (${head.data.version}, known is ${formatVersion})`,
    { path, hint: 'Use the newer version; or keep both logins, with another --account NAME here.' },
  );
}

function damaged(path: string): Failure {
  return new Failure('local', `The stored login cannot be read, its content makes no sense: ${path}`, {
    path,
    hint: 'Log in again with `yadiskfs setup`, which replaces it.',
  });
}
