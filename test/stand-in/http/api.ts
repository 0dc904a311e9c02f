import { makeFolders } from '../model/changes.ts';
import { parsePath } from '../model/path.ts';
import { Refusal } from '../model/refusal.ts';
import type { Exchange, Reply } from '../wire/index.ts';
import { admit } from './access.ts';
import { listEndpoints } from './calls/lists.ts';
import { operationEndpoints } from './calls/operations.ts';
import { publicEndpoints } from './calls/public.ts';
import { publishingEndpoints } from './calls/publishing.ts';
import { readingEndpoints } from './calls/reading.ts';
import { trashEndpoints } from './calls/trash.ts';
import { uploadingEndpoints } from './calls/uploading.ts';
import { writingEndpoints } from './calls/writing.ts';
import { parseFields } from './fields.ts';
import { Query } from './query.ts';
import { refusalReply } from './refusals.ts';
import type { Endpoint, Service } from './service.ts';

const basePath = '/v1/disk';

const endpoints: readonly Endpoint[] = [
  ...readingEndpoints,
  ...writingEndpoints,
  ...uploadingEndpoints,
  ...listEndpoints,
  ...operationEndpoints,
  ...trashEndpoints,
  ...publishingEndpoints,
  ...publicEndpoints,
];

/** The endpoint that a request is for; undefined if there is none. */
export function apiEndpoint(method: string, pathname: string): Endpoint | undefined {
  return endpointsAt(pathname).find((endpoint) => endpoint.method === method);
}

/** The endpoints of a path, whatever the method. */
function endpointsAt(pathname: string): Endpoint[] {
  if (!pathname.startsWith(basePath)) return [];
  const path = pathname.slice(basePath.length).replace(/\/$/, '');
  return endpoints.filter((endpoint) =>
    typeof endpoint.path === 'string' ? endpoint.path === path : endpoint.path.test(path),
  );
}

/** Answers a request to the API host. */
export async function serveApi(
  service: Service,
  exchange: Exchange,
  url: URL,
  endpoint: Endpoint | undefined,
): Promise<Reply> {
  const { settings } = service;
  try {
    if (!endpoint) {
      throw new Refusal(endpointsAt(url.pathname).length > 0 ? 'MethodNotAllowedError' : 'NotFoundError');
    }
    const { token, confinedTo } = admit(service, exchange, endpoint);
    if (url.searchParams.get('path')?.startsWith('app:')) {
      makeFolders(service.disk, parsePath(settings.appFolder));
    }
    return await endpoint.run({
      service,
      exchange,
      url,
      token,
      query: new Query(url.searchParams, settings.appFolder, confinedTo),
      fields: parseFields(url.searchParams.get('fields')),
      body: () => collect(service.wire.requestBody(exchange)),
    });
  } catch (error) {
    if (error instanceof Refusal) return refusalReply(error, settings);
    throw error;
  }
}

/** A whole body, for the calls that have a small one. */
export async function collect(body: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of body) parts.push(part);
  return Buffer.concat(parts);
}
