import type { Api } from '../../src/disk-api/api.ts';
import { readDisk } from '../../src/disk-api/disk.ts';
import { readDownloadLink } from '../../src/disk-api/download-link.ts';
import { readFiles, readLastUploaded, readPublished } from '../../src/disk-api/flat-lists.ts';
import { readResource } from '../../src/disk-api/folder-listing.ts';
import { readOperation } from '../../src/disk-api/operations.ts';
import { readPublic, readPublicDownloadLink, savePublic } from '../../src/disk-api/public-resources.ts';
import { publish, readPublicSettings, setPublicSettings, unpublish } from '../../src/disk-api/publication.ts';
import { deleteResource, makeFolder, setProperties } from '../../src/disk-api/resources.ts';
import { saveUrl } from '../../src/disk-api/save-url.ts';
import { copyResource, moveResource } from '../../src/disk-api/transfers.ts';
import { deleteTrashed, emptyTrash, listTrash, restoreTrashed } from '../../src/disk-api/trash.ts';
import { requestUploadLink } from '../../src/disk-api/upload-link.ts';
import type { RecordedExchange } from '../recordings/load.ts';

/** What the client makes of a reply, and what of the reply that must be equal to. */
interface Reading {
  ask(api: Api, exchange: RecordedExchange): Promise<unknown>;
  /** Of a reply with a 2xx status. */
  value(body: Json, exchange: RecordedExchange): unknown;
}

// biome-ignore lint/suspicious/noExplicitAny: recorded JSON of many shapes
type Json = any;

const parameter = ({ request }: RecordedExchange, name: string) => request.query?.[name] ?? '';
/** Recorded paths come in several spellings; ours always have the scheme. */
function pathOf(exchange: RecordedExchange, name = 'path'): string {
  const text = parameter(exchange, name);
  return /^[a-z]+:/.test(text) ? text : `disk:/${text.replace(/^\//, '')}`;
}
const bodyOf = ({ request }: RecordedExchange): Json =>
  request.body && 'json' in request.body ? request.body.json : {};
const place = (exchange: RecordedExchange) => ({
  key: parameter(exchange, 'public_key'),
  path: parameter(exchange, 'path') || undefined,
});

async function first(count: number, items: AsyncIterable<{ readonly name: string }>): Promise<string[]> {
  const names: string[] = [];
  if (count > 0) for await (const { name } of items) if (names.push(name) === count) break;
  return names;
}

const itemCount = ({ response }: RecordedExchange) =>
  response.body && 'json' in response.body ? ((response.body.json as Json).items?.length ?? 0) : 0;
const itemNames = (body: Json) => body.items.map(({ name }: Json) => name);
const linkedPath = (body: Json) => new URL(body.href).searchParams.get('path');

/** By method and path below the API's base. */
export const recordedCalls: Readonly<Record<string, Reading>> = {
  'GET ': {
    ask: (api) => readDisk(api),
    value: ({ total_space, used_space, revision, max_file_size }: Json) => ({
      total_space,
      used_space,
      revision,
      max_file_size,
    }),
  },
  'GET /resources': {
    ask: (api, exchange) => readResource(api, pathOf(exchange)),
    value: ({ name, type, size, md5, sha256, resource_id, revision, file, modified, public_url }: Json) => ({
      name,
      type,
      size,
      md5,
      sha256,
      resource_id,
      revision,
      file,
      modified,
      public_url,
    }),
  },
  'PUT /resources': {
    ask: (api, exchange) => makeFolder(api, pathOf(exchange)),
    value: (body) => ({ state: 'made', path: linkedPath(body) }),
  },
  'DELETE /resources': {
    ask: (api, exchange) => deleteResource(api, pathOf(exchange), { permanently: true }),
    value: () => 'deleted',
  },
  'PATCH /resources': {
    ask: (api, exchange) => setProperties(api, pathOf(exchange), bodyOf(exchange).custom_properties),
    value: ({ name, custom_properties }: Json) => ({
      name,
      custom_properties: custom_properties ?? undefined,
    }),
  },
  'POST /resources/copy': {
    ask: (api, exchange) => copyResource(api, pathOf(exchange, 'from'), pathOf(exchange)),
    value: () => ({ path: undefined }),
  },
  'POST /resources/move': {
    ask: (api, exchange) => moveResource(api, pathOf(exchange, 'from'), pathOf(exchange)),
    value: (body) => ({ path: linkedPath(body) }),
  },
  'GET /resources/upload': {
    ask: async (api, exchange) => {
      const { url, operationId } = await requestUploadLink(api, pathOf(exchange), true);
      return { href: url.href, operationId };
    },
    value: ({ href, operation_id }: Json) => ({ href: new URL(href).href, operationId: operation_id }),
  },
  'POST /resources/upload': {
    ask: (api, exchange) => saveUrl(api, parameter(exchange, 'url'), pathOf(exchange)),
    value: () => undefined,
  },
  'GET /resources/download': {
    ask: async (api, exchange) => (await readDownloadLink(api, pathOf(exchange))).href,
    value: ({ href }: Json) => new URL(href).href,
  },
  'GET /resources/files': {
    ask: (api, exchange) => first(itemCount(exchange), readFiles(api)),
    value: itemNames,
  },
  'GET /resources/last-uploaded': {
    ask: async (api) => (await readLastUploaded(api, 20)).map(({ name }) => name),
    value: itemNames,
  },
  'GET /resources/public': {
    ask: (api, exchange) => first(itemCount(exchange), readPublished(api)),
    value: itemNames,
  },
  'PUT /resources/publish': {
    ask: (api, exchange) => publish(api, pathOf(exchange)),
    value: () => ({ url: 'https://yadi.sk/d/x', key: undefined }),
  },
  'PUT /resources/unpublish': {
    ask: (api, exchange) => unpublish(api, pathOf(exchange)),
    value: () => undefined,
  },
  'GET /public/resources': {
    ask: (api, exchange) => readPublic(api, place(exchange)),
    value: ({ name, type, path, public_key, public_url, views_count }: Json) => ({
      name,
      type,
      path,
      public_key,
      public_url,
      views_count,
    }),
  },
  'GET /public/resources/download': {
    ask: async (api, exchange) => (await readPublicDownloadLink(api, place(exchange))).href,
    value: ({ href }: Json) => new URL(href).href,
  },
  'POST /public/resources/save-to-disk': {
    ask: (api, exchange) => savePublic(api, place(exchange), { folder: pathOf(exchange, 'save_path') }),
    value: (body) => ({ path: linkedPath(body) }),
  },
  'GET /public/resources/public-settings': {
    ask: (api, exchange) => readPublicSettings(api, pathOf(exchange)),
    value: (body) => body,
  },
  'PATCH /public/resources/public-settings': {
    ask: (api, exchange) => setPublicSettings(api, pathOf(exchange), { password: '1234' }),
    value: () => undefined,
  },
  'GET /trash/resources': {
    ask: async (api, exchange) =>
      (await listTrash(api, { path: parameter(exchange, 'path') })).map(({ path }) => path),
    value: (body) => body._embedded.items.map(({ path }: Json) => path),
  },
  'DELETE /trash/resources': {
    ask: (api, exchange) => {
      const path = parameter(exchange, 'path');
      return path ? deleteTrashed(api, path) : emptyTrash(api);
    },
    value: (_, exchange) => (parameter(exchange, 'path') ? 'deleted' : undefined),
  },
  'PUT /trash/resources/restore': {
    ask: (api, exchange) => restoreTrashed(api, parameter(exchange, 'path')),
    value: (body) => ({ path: linkedPath(body) }),
  },
  'GET /operations': {
    ask: (api, exchange) =>
      readOperation(api, exchange.request.url.replace(/^.*\/operations\/([^?]*).*$/, '$1')),
    value: ({ status }: Json) => status,
  },
};
