import type { DeviceCode } from '../auth/oauth-client.ts';
import type { App, Person } from '../auth/stored-login.ts';
import type { DiskSummary } from '../daemon/disk-summary.ts';
import type { Failure } from '../errors.ts';
import type { words } from '../words/words.ts';

/** How to make an app at Yandex; every way of telling it uses these. */
export const appGuide = {
  page: 'https://oauth.yandex.ru/client/new',
  platform: 'Веб-сервисы',
  redirectUri: 'https://oauth.yandex.ru/verification_code',
  permissions: ['cloud_api:disk.info', 'cloud_api:disk.read', 'cloud_api:disk.write'],
} as const;

/** How a login speaks with whoever started it: a person at a terminal, a file that keeps what is said, a program. */
export interface LoginTalk {
  /** How to make an app. */
  explain(): void;
  /**
   * Asks for what is missing of the app; `problem` says why what was given before will not do.
   * @throws Failure 'invalid' where nobody can be asked, 'aborted' when the user gives up
   */
  app(known: Partial<App>, problem?: Failure): Promise<App>;
  /** Asks for a ready token. @throws as `app` */
  token(): Promise<string>;
  code(code: DeviceCode): void;
  /** Nobody has answered yet; `problem` when Yandex could not be asked. */
  pending(remainingMs: number, problem: Failure | undefined): void;
  /** The wait is over, however it ended. */
  waited(): void;
  /** Whether to get another code. */
  expired(): Promise<boolean>;
  denied(failure: Failure): Promise<boolean>;
  /** Whether to try once more after a failure that may pass. */
  again(failure: Failure): Promise<boolean>;
  /** Whether the login of one person may take the place of another's. */
  replaces(stored: Person, fresh: Person): Promise<boolean>;
  /** Of what the login talks about. */
  warn(say: (said: typeof words.login) => string): void;
  stored(account: string, path: string): void;
  done(account: string, disk: DiskSummary): void;
  /** Whether to mount in this folder now. */
  wantsMount(folder: string): Promise<boolean>;
  /** Whether to mount there at each login, too. */
  wantsService(): Promise<boolean>;
  /** What a person may type next. */
  next(account: string): void;
  failed(failure: unknown): void;
  /** Gives back what it holds of the terminal. */
  close(): void;
}
