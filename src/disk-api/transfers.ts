import type { Api } from './api.ts';
import { calls } from './calls.ts';
import { type ChangeOptions, type Made, make } from './changes.ts';
import { type DiskPath, requireEntry } from './paths.ts';

interface TransferOptions extends ChangeOptions {
  /** Replaces a file at the target; what becomes of a folder there is unproven, so never with one there. */
  readonly overwrite?: boolean;
}

/**
 * Moves or renames on the server. Never sent again after a lost reply unless `look` says that nothing has happened.
 * @throws Failure 'in-doubt' then; 'not-found' (source), 'no-parent', 'exists', 'is-a-folder' (target)
 */
export async function moveResource(
  api: Api,
  from: DiskPath,
  to: DiskPath,
  options: TransferOptions = {},
): Promise<Made> {
  requireEntry(from, to);
  const parameters = { from, path: to, overwrite: String(options.overwrite ?? false) };
  return make(api, calls.move, { parameters, what: `move ${from} to ${to}`, path: from }, options);
}

/**
 * Copies on the server; a copy gets new times. Never sent again after a lost reply unless `look` says that nothing has happened.
 * @throws Failure as `moveResource`, and 'no-space'
 */
export async function copyResource(
  api: Api,
  from: DiskPath,
  to: DiskPath,
  options: TransferOptions = {},
): Promise<Made> {
  requireEntry(from, to);
  const parameters = { from, path: to, overwrite: String(options.overwrite ?? false) };
  return make(api, calls.copy, { parameters, what: `copy ${from} to ${to}`, path: from }, options);
}
