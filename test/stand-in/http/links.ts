import type { Operation } from '../model/operations.ts';
import { type DiskPath, formatPath } from '../model/path.ts';
import type { Reply } from '../wire/index.ts';
import { pick } from './fields.ts';
import { jsonReply } from './replies.ts';
import type { Call } from './service.ts';

/** The `Link` object of the API. */
export function linkTo(href: string, method = 'GET'): Record<string, unknown> {
  return { href, method, templated: false };
}

/** Recorded: hrefs of the service write a space as `+`. */
function encode(text: string): string {
  return encodeURIComponent(text).replaceAll('%20', '+');
}

/** A reply that names a resource. */
export function resourceLinkReply(call: Call, status: number, path: DiskPath): Reply {
  const href = `${call.service.hosts.main('api')}/v1/disk/resources?path=${encode(formatPath(path))}`;
  return jsonReply(status, pick(linkTo(href), call.fields));
}

/** The 202 of an operation that goes on. */
export function operationReply(call: Call, operation: Operation): Reply {
  const { hosts, settings } = call.service;
  const base = `${hosts.main('api')}/v1/disk/operations`;
  const href = {
    path: `${base}/${operation.id}`,
    query: `${base}?id=${operation.id}`,
    http: `${base.replace(/^https:/, 'http:')}/${operation.id}`,
  }[settings.operationHref];
  return jsonReply(202, pick(linkTo(href), call.fields));
}
