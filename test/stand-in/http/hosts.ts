import type { Random } from '../random.ts';

/** The parts that the real service gives hosts of their own. */
export const diskRoles = ['api', 'oauth', 'uploader', 'downloader', 'storage'] as const;
export type DiskRole = (typeof diskRoles)[number];
export type Role = DiskRole | 'control';

/** Host names that requests may carry for a role; links name one of them. */
export type HostNames = Readonly<Partial<Record<DiskRole, readonly string[]>>>;

/** The names of the real hosts, for clients that have them built in. */
export const yandexNames: HostNames = {
  api: ['cloud-api.yandex.net', 'cloud-api.yandex.com'],
  oauth: ['oauth.yandex.ru', 'oauth.yandex.com', 'login.yandex.ru'],
  uploader: ['uploader1g.disk.yandex.net', 'uploader2j.disk.yandex.net'],
  downloader: ['downloader.disk.yandex.ru'],
  storage: ['s101myt.storage.yandex.net', 's202vla.storage.yandex.net'],
};

/** Where each part is reached: what links name. */
export class Hosts {
  readonly #origins = new Map<Role, readonly string[]>();
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  set(role: Role, origins: readonly string[]): void {
    this.#origins.set(role, origins);
  }

  /** Whether a host name is one of ours. */
  isOwn(hostname: string): boolean {
    return [...this.#origins.values()].flat().some((origin) => new URL(origin).hostname === hostname);
  }

  /** `http://127.0.0.1:1234`: the first of the part's hosts. */
  main(role: Role): string {
    const origin = this.#origins.get(role)?.[0];
    if (origin === undefined) throw new Error(`nothing listens as ${role}`);
    return origin;
  }

  /** One of the part's hosts. */
  any(role: Role): string {
    const origins = this.#origins.get(role) ?? [];
    return origins[this.#random.below(origins.length)] ?? this.main(role);
  }
}
