import { Refusal } from '../model/refusal.ts';
import type { Token } from '../oauth/tokens.ts';
import type { Exchange, Reply } from '../wire/index.ts';
import { readingEndpoints } from './calls/reading.ts';
import { parseFields } from './fields.ts';
import { Query } from './query.ts';
import { refusalReply } from './refusals.ts';
import type { Endpoint, Service } from './service.ts';

const basePath = '/v1/disk';

const endpoints: readonly Endpoint[] = [...readingEndpoints];

/** The endpoint that a request is for; undefined if there is none. */
export function apiEndpoint(method: string, pathname: string): Endpoint | undefined {
  if (!pathname.startsWith(basePath)) return undefined;
  const path = pathname.slice(basePath.length).replace(/\/$/, '');
  return endpoints.find(
    (endpoint) =>
      endpoint.method === method &&
      (typeof endpoint.path === 'string' ? endpoint.path === path : endpoint.path.test(path)),
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
    if (!endpoint) throw new Refusal('NotFoundError');
    const token = endpoint.open ? null : authorise(service, exchange);
    return await endpoint.run({
      service,
      exchange,
      url,
      token,
      query: new Query(url.searchParams, settings.appFolder),
      fields: parseFields(url.searchParams.get('fields')),
      body: () => collect(service.wire.requestBody(exchange)),
    });
  } catch (error) {
    if (error instanceof Refusal) return refusalReply(error, settings);
    throw error;
  }
}

/** @throws Refusal 401. */
function authorise(service: Service, exchange: Exchange): Token {
  const given = /^OAuth +(\S+)$/.exec(exchange.req.headers.authorization ?? '')?.[1];
  const token = given === undefined ? null : service.tokens.valid(given);
  if (!token) throw new Refusal('UnauthorizedError');
  return token;
}

async function collect(body: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of body) parts.push(part);
  return Buffer.concat(parts);
}
