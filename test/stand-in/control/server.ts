import type { IncomingMessage, ServerResponse } from 'node:http';
import { ZodError, z } from 'zod';
import { refusalStatus } from '../http/refusals.ts';
import { Refusal } from '../model/refusal.ts';
import type { Control } from './control.ts';
import { controlEndpoints, Raw } from './endpoints.ts';

/**
 * Answers a request to the control interface: `/control/...`, JSON both ways. Errors are
 * `{"error", "message"}`: 400 for a body that is none, 404 for a call that is none, else what the Disk says.
 */
export async function serveControl(
  control: Control,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const url = new URL(req.url ?? '/', 'http://control');
  const name = `${req.method} ${url.pathname.replace(/^\/control/, '').replace(/\/$/, '') || '/'}`;
  try {
    const body = await readBody(req);
    const endpoint = controlEndpoints[name];
    if (!endpoint) return send(res, 404, { error: 'NotFound', message: name });
    const answer = await endpoint({ control, query: url.searchParams, body });
    if (answer instanceof Raw) {
      res.writeHead(200, {
        'content-type': 'application/octet-stream',
        'content-length': answer.bytes.length,
      });
      res.end(answer.bytes);
    } else {
      send(res, 200, answer ?? { ok: true });
    }
  } catch (error) {
    if (error instanceof Refusal)
      send(res, refusalStatus(error), { error: error.code, message: error.message });
    else if (error instanceof ZodError) send(res, 400, { error: 'BadBody', message: z.prettifyError(error) });
    else if (error instanceof SyntaxError) send(res, 400, { error: 'BadJson', message: error.message });
    else send(res, 500, { error: 'Failed', message: error instanceof Error ? error.message : String(error) });
  }
}

async function readBody(req: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  for await (const part of req) parts.push(Buffer.from(part));
  const text = Buffer.concat(parts).toString('utf8');
  return text === '' ? null : (JSON.parse(text) as unknown);
}

function send(res: ServerResponse, status: number, body: unknown): void {
  const bytes = Buffer.from(`${JSON.stringify(body)}\n`);
  res.writeHead(status, { 'content-type': 'application/json', 'content-length': bytes.length });
  res.end(bytes);
}
