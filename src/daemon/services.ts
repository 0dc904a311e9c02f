import { serviceUrl } from '../disk-api/hosts.ts';

/** Addresses of the services, each of which may be set in the environment. */
const usual = {
  YADISKFS_API_URL: 'https://cloud-api.yandex.net/v1/disk',
  YADISKFS_OAUTH_URL: 'https://oauth.yandex.ru',
} as const;

/**
 * The address of a service.
 * @throws Failure 'invalid' for anything but https, or http to this machine
 */
export function serviceAddress(environment: NodeJS.ProcessEnv, setting: keyof typeof usual): URL {
  return serviceUrl(environment[setting] || usual[setting], setting);
}
