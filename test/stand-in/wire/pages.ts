import { STATUS_CODES } from 'node:http';
import type { Reply } from './exchange.ts';
import type { Fault } from './rules.ts';

/** What a proxy shows in place of a reply. */
export function htmlPage(status: number): string {
  const title = `${status} ${STATUS_CODES[status] ?? ''}`.trim();
  return `<html>\r\n<head><title>${title}</title></head>\r\n<body><center><h1>${title}</h1></center></body>\r\n</html>\r\n`;
}

/** The reply of a `status` fault. */
export function statusReply(fault: Extract<Fault, { kind: 'status' }>): Reply {
  const { status, body = 'json', headers = {} } = fault;
  if (body === 'empty') return { status, headers: { 'content-length': 0, ...headers }, body: null };
  const [type, text] =
    body === 'html' ? ['text/html', htmlPage(status)] : ['application/json', JSON.stringify(errorOf(fault))];
  return { status, headers: { 'content-type': type, ...headers }, body: Buffer.from(text) };
}

function errorOf(fault: Extract<Fault, { kind: 'status' }>) {
  const { status, error = 'InjectedError', description = `${STATUS_CODES[status] ?? 'Error'}.` } = fault;
  return { error, description, message: fault.message ?? description };
}
