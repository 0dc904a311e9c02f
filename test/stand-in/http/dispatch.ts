import type { IncomingMessage, ServerResponse } from 'node:http';
import { formatPath, parsePath } from '../model/path.ts';
import { Refusal } from '../model/refusal.ts';
import { oauthRoute, serveOAuth } from '../oauth/endpoints.ts';
import { ExchangeEnded } from '../wire/exchange.ts';
import type { Exchange, Reply } from '../wire/index.ts';
import { apiEndpoint, collect, serveApi } from './api.ts';
import { serveDownload } from './downloader.ts';
import { type DiskRole, diskRoles, type HostNames } from './hosts.ts';
import { htmlReply } from './replies.ts';
import type { Endpoint, Service } from './service.ts';
import { serveUpload } from './uploader.ts';

/** What a request is about, known before anything is done with it. */
interface About {
  readonly route: string;
  readonly path: string | null;
  serve(exchange: Exchange): Reply | Promise<Reply>;
}

/** The part that a request is for, by its Host header; where that says nothing, the part that the server is. */
export function roleOf(host: string | undefined, names: HostNames, byDefault: DiskRole): DiskRole {
  const name = (host ?? '').replace(/:\d+$/, '').toLowerCase();
  return diskRoles.find((role) => names[role]?.includes(name)) ?? byDefault;
}

/** Answers one request, whatever happens. */
export async function dispatch(
  service: Service,
  role: DiskRole,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const url = targetOf(req);
  service.disk.settle();
  const about = aboutRequest(service, role, req.method ?? 'GET', url);
  const exchange = service.wire.begin(req, res, { route: about.route, path: about.path, role });
  try {
    if ((await service.wire.before(exchange)).kind === 'answered') return;
    service.disk.settle();
    await service.wire.respond(exchange, await about.serve(exchange));
  } catch (error) {
    if (error instanceof ExchangeEnded) return;
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    console.error(`stand-in: ${req.method} ${req.url}: ${text}`);
    await service.wire.respond(exchange, htmlReply(500));
  }
}

/** What the request line names; a path that nothing serves where it names nothing that is one. */
function targetOf({ url = '/' }: IncomingMessage): URL {
  const base = 'http://stand-in';
  return URL.canParse(url, base) ? new URL(url, base) : new URL('/unreadable', base);
}

function aboutRequest(service: Service, role: DiskRole, method: string, url: URL): About {
  switch (role) {
    case 'api': {
      const endpoint = apiEndpoint(method, url.pathname);
      return {
        route: endpoint?.route ?? 'unknown',
        path: namedPath(service, endpoint, url),
        serve: (exchange) => serveApi(service, exchange, url, endpoint),
      };
    }
    case 'downloader':
    case 'storage':
      return {
        route: `${role}.${url.pathname.startsWith('/preview/') ? 'preview' : method.toLowerCase()}`,
        path: linkedPath(service, url),
        serve: (exchange) => serveDownload(service, exchange, url),
      };
    case 'uploader': {
      const upload = service.uploads.find(url.pathname);
      return {
        route: `uploader.${method.toLowerCase()}`,
        path: upload ? formatPath(upload.path) : null,
        serve: (exchange) => serveUpload(service, exchange, upload),
      };
    }
    case 'oauth':
      return {
        route: oauthRoute(method, url.pathname),
        path: null,
        serve: (exchange) =>
          serveOAuth(service, exchange, url, () => collect(service.wire.requestBody(exchange))),
      };
  }
}

/** The path that a call is about, in full: for a move or copy its target, for a public resource the inner one. */
function namedPath({ settings }: Service, endpoint: Endpoint | undefined, url: URL): string | null {
  const text = url.searchParams.get('path');
  if (text === null || endpoint?.path.toString().startsWith('/public')) return text;
  try {
    return formatPath(parsePath(text, settings.appFolder));
  } catch (error) {
    if (error instanceof Refusal) return text;
    throw error;
  }
}

/** The path of the file that a link leads to. */
function linkedPath(service: Service, url: URL): string | null {
  const target = service.links.peek(url.pathname);
  const node = target ? service.disk.bySerial(target.serial) : undefined;
  return node ? formatPath(service.disk.pathOf(node)) : null;
}
