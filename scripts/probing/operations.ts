import { type Bench, type Reply, type Span, Unexpected } from './bench.ts';
import { watch } from './polling.ts';
import type { Range } from './question.ts';
import { linkShape, operationShape } from './replies.ts';

/** The id in an operation's address, whatever form that has; the address itself is never followed. */
export function operationId(reply: Reply): string {
  const link = linkShape.safeParse(reply.json);
  const id = link.success ? /([0-9a-f]{32,})$/.exec(link.data.href)?.[1] : undefined;
  if (id === undefined) throw new Unexpected('a change', reply);
  return id;
}

/** `in-progress`, `success`, `failed`, …; undefined when the id is not known. */
export async function operationStatus(bench: Bench, id: string): Promise<string | undefined> {
  const reply = await bench.api('GET', `/operations/${id}`);
  if (reply.status === 404) return undefined;
  const operation = operationShape.safeParse(reply.json);
  if (reply.status !== 200 || !operation.success) throw new Unexpected('asking for an operation', reply);
  return operation.data.status;
}

/** The end of an operation that the reply started. */
export async function operationEnd(
  bench: Bench,
  id: string,
  event: Span,
): Promise<{ readonly status: string | undefined; readonly after: Range }> {
  const { value, after } = await watch(bench, event, async () => {
    const status = await operationStatus(bench, id);
    return status === 'in-progress' ? undefined : (status ?? 'unknown');
  });
  return { status: value, after };
}

/**
 * Waits for the end of a change that was accepted with 201, 204 or 202. True: it took effect; false: its operation
 * failed; undefined: it was refused right away.
 * @throws Unexpected when its operation does not end.
 */
export async function took(bench: Bench, reply: Reply): Promise<boolean | undefined> {
  if (reply.status === 201 || reply.status === 204 || reply.status === 200) return true;
  if (reply.status !== 202) return undefined;
  const end = await operationEnd(bench, operationId(reply), reply);
  if (end.status === undefined) throw new Unexpected('an operation that does not end', reply);
  return end.status === 'success';
}
