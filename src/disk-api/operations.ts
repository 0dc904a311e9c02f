import { pause } from '../async/pause.ts';
import { Failure, failedWith } from '../errors.ts';
import type { Api, CallOptions } from './api.ts';
import { operationFields } from './fields.ts';
import { inDoubt } from './persistence.ts';
import { linkReply, operationReply } from './replies.ts';

/** `unknown`: the server has no operation of this id, or none any more. */
export type OperationStatus = 'in-progress' | 'success' | 'failed' | 'unknown';

export interface OperationOptions extends CallOptions {
  /** Told as soon as the server took the change as an operation: whoever is restarted can go on to ask about it. */
  readonly onOperation?: ((operationId: string) => void) | undefined;
  /** How long an operation is waited for before it is left in doubt. */
  readonly operationMs?: number | undefined;
  /** How long it is believed to take at least: it is not asked about before. */
  readonly firstPollMs?: number | undefined;
}

/** Folders of 100,000 files take minutes; for longer ones the options have a word. */
const usualOperationMs = 10 * 60_000;
/** Small ones are done by then [recordings]; an operation that takes 2.9 s is asked about three times. */
const usualFirstPollMs = 500;
const longestPollMs = 2_000;
/** An id that is not known yet may be so in a moment; after this long it never will. */
const unknownMs = 5_000;

/** The base addresses that operations were seen to be named under; none of them is followed, only the id is taken. */
const knownHosts: ReadonlySet<string> = new Set(['cloud-api.yandex.net', 'cloud-api.yandex.com']);

/**
 * The id in the href of an operation: `…/operations/<id>` or `/operations?id=<id>`, relative or absolute, also with `http://`.
 * We never ask the href itself but our own API host, so the token cannot go elsewhere.
 * @throws Failure 'nonsense' for a link to another host, or one without an id
 */
export function operationIdOf(href: string, api: Pick<Api, 'url'>): string {
  const url = URL.canParse(href, api.url.href) ? new URL(href, api.url) : undefined;
  if (url && (url.hostname === api.url.hostname || knownHosts.has(url.hostname))) {
    const id = /\/operations\/([^/]+)\/?$/.exec(url.pathname)?.[1] ?? url.searchParams.get('id');
    if (id && /^[\w.-]{1,200}$/.test(id) && /\/operations(\/|$)/.test(url.pathname)) return id;
  }
  throw new Failure('nonsense', 'The Disk told no way to ask how the operation goes on');
}

/** What became of an operation. */
export async function readOperation(
  api: Api,
  operationId: string,
  options?: CallOptions,
): Promise<OperationStatus> {
  const route = `/operations/${encodeURIComponent(operationId)}`;
  try {
    const { status } = await api.read(
      route,
      { fields: operationFields },
      operationReply,
      'tell how an operation goes on',
      options,
    );
    if (status === 'success') return 'success';
    // The second word is what one old client knows [src rclone].
    if (status === 'failed' || status === 'failure') return 'failed';
    return 'in-progress';
  } catch (error) {
    if (failedWith(error, 'not-found')) return 'unknown';
    throw error;
  }
}

/**
 * Waits until the operation has succeeded. A poll that is lost is made up by the next one, however long the connection is gone.
 * @throws Failure 'operation-failed', 'in-doubt' when it is not done in time or the server does not know it, 'aborted', 'login-needed'
 */
export async function awaitOperation(
  api: Api,
  operationId: string,
  about: { readonly what: string; readonly path?: string | undefined },
  options: OperationOptions = {},
): Promise<void> {
  const startedAtMs = performance.now();
  let pollMs = options.firstPollMs ?? usualFirstPollMs;
  let lost: unknown;
  for (;;) {
    await pause(pollMs, options.signal);
    const status = await readOperation(api, operationId, options).catch((error: unknown) => {
      if (!failedWith(error, 'offline', 'server', 'busy', 'nonsense', 'locked')) throw error;
      lost = error;
      return undefined;
    });
    if (status === 'success') return;
    if (status === 'failed')
      throw new Failure('operation-failed', `The Disk began to ${about.what}, and failed`, {
        path: about.path,
        hint: 'It gives no reason. Something of it may be done.',
      });
    const waitedMs = performance.now() - startedAtMs;
    const patienceMs = status === 'unknown' ? unknownMs : (options.operationMs ?? usualOperationMs);
    if (waitedMs > patienceMs) throw inDoubt(about.what, about.path, lost);
    pollMs = Math.min(longestPollMs, Math.max(usualFirstPollMs, pollMs * 2));
  }
}

/**
 * Follows a 202 to its end. Any other reply is an end by itself.
 * @throws Failure as `awaitOperation`, and 'in-doubt' when the reply names no operation that could be asked about
 */
export async function settle(
  api: Api,
  reply: { readonly status: number; readonly json: unknown },
  about: { readonly what: string; readonly path?: string | undefined },
  options: OperationOptions,
): Promise<void> {
  if (reply.status !== 202) return;
  const link = linkReply.safeParse(reply.json);
  let operationId: string;
  try {
    operationId = operationIdOf(link.success ? link.data.href : '', api);
  } catch (cause) {
    throw inDoubt(about.what, about.path, cause);
  }
  options.onOperation?.(operationId);
  await awaitOperation(api, operationId, about, options);
}
