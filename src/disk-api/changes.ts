import { failedWith } from '../errors.ts';
import type { Api, ChangeReply } from './api.ts';
import type { Call } from './calls.ts';
import { linkFields } from './fields.ts';
import { type OperationOptions, settle } from './operations.ts';
import type { DiskPath } from './paths.ts';
import type { Verdict } from './persistence.ts';
import { linkReply } from './replies.ts';

/** What all changes take. */
export interface ChangeOptions extends OperationOptions {
  /**
   * Asked after a reply was lost, before anything is sent again: what does the Disk show? Without it the rule of the call holds
   * (calls.ts): `repeat` repeats, `look` fails with 'in-doubt'.
   */
  readonly look?: (() => Promise<Verdict>) | undefined;
  /**
   * What stands there was looked at, and the change was decided by that. Where the Disk says that another change holds it, that look is old: it
   * fails with 'locked' at once, for who can look again, and is not repeated.
   */
  readonly wasLookedAt?: boolean | undefined;
}

interface Change {
  readonly parameters: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly what: string;
  readonly path?: string | undefined;
}

/** What came of a change that makes something at a path. */
export interface Made {
  /**
   * Where the Disk says it is; undefined where it does not say (after an operation, or when the reply was lost). It may spell the
   * name otherwise than we did.
   */
  readonly path: DiskPath | undefined;
}

/** Sends a change and waits for its operation, if it becomes one. */
export async function change(
  api: Api,
  call: Call,
  { parameters, ...about }: Change,
  options: ChangeOptions,
): Promise<ChangeReply> {
  const { look, wasLookedAt, signal, priority } = options;
  const reply = await api.change(call, { ...about, parameters, look, wasLookedAt, signal, priority });
  if (reply.kind !== 'answered') return reply;
  try {
    await settle(api, reply, about, options);
    return reply;
  } catch (error) {
    // The server forgot the operation, or tells no way to ask about it.
    if (!look || !failedWith(error, 'in-doubt') || (await look()) !== 'done') throw error;
    return { kind: 'found-done' };
  }
}

/** A change that is answered with a link to what it made. */
export async function make(api: Api, call: Call, asked: Change, options: ChangeOptions): Promise<Made> {
  const parameters = { ...asked.parameters, fields: linkFields };
  return madeBy(await change(api, call, { ...asked, parameters }, options));
}

function madeBy(reply: ChangeReply): Made {
  const link = reply.kind === 'answered' ? linkReply.safeParse(reply.json) : undefined;
  const href =
    link?.success && URL.canParse(link.data.href, 'https://-/')
      ? new URL(link.data.href, 'https://-/')
      : undefined;
  const path = href?.searchParams.get('path') ?? undefined;
  return { path: path?.startsWith('disk:/') ? path : undefined };
}
