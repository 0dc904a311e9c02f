import { z } from 'zod';
import { noteChange } from './changes.ts';
import type { Disk } from './disk.ts';
import type { Node, Publication, PublicSettings } from './nodes.ts';
import { Refusal } from './refusal.ts';

const settingsSchema = z.object({
  read_only: z.boolean().nullish(),
  available_until: z.union([z.number(), z.literal(false)]).nullish(),
  password: z.union([z.string(), z.literal(false)]).nullish(),
  external_organization_id: z.string().nullish(),
  accesses: z.array(z.unknown()).nullish(),
});

/** @throws Refusal 400 for settings that are none. An empty text, `false` and `null` take a setting away. */
export function mergePublicSettings(before: PublicSettings, given: unknown): PublicSettings {
  const parsed = settingsSchema.safeParse(given);
  if (!parsed.success) throw new Refusal('FieldValidationError', 'public_settings');
  const merged = Object.entries({ ...before, ...parsed.data }).filter(
    ([, value]) => value !== '' && value !== false && value !== null && value !== undefined,
  );
  return Object.fromEntries(merged);
}

/** Makes a resource public, or changes the settings of a public one; its key stays. */
export function publish(disk: Disk, node: Node, given: unknown): Publication {
  const settings = mergePublicSettings(node.publication?.settings ?? {}, given);
  disk.remember(node.parent);
  const publication: Publication = node.publication ?? {
    publicKey: disk.random.base64(64),
    publicUrl: `https://yadi.sk/d/${disk.random.word(14)}`,
    publishedMs: disk.clock.now(),
    settings,
    views: 0,
  };
  publication.settings = settings;
  node.publication = publication;
  disk.published.add(node);
  note(disk, node);
  return publication;
}

export function unpublish(disk: Disk, node: Node): void {
  if (!node.publication) return;
  disk.remember(node.parent);
  node.publication = undefined;
  disk.published.delete(node);
  note(disk, node);
}

/** Recorded: publishing changes `revision` and not `modified`. */
function note(disk: Disk, node: Node): void {
  if (disk.settings.publishMovesRevision) noteChange(disk, node, node.parent);
  else if (node.parent) node.parent.version += 1;
}

/** What is public now, newest first; of the same time, the one published last. */
export function publishedNodes(disk: Disk): (Node & { publication: Publication })[] {
  const nodes: (Node & { publication: Publication })[] = [];
  for (const node of [...disk.published].reverse()) {
    const { publication } = node;
    if (publication && disk.onDisk(node)) nodes.push(Object.assign(node, { publication }));
  }
  return nodes.sort((left, right) => right.publication.publishedMs - left.publication.publishedMs);
}

const urlPattern = /^https?:\/\/(?:yadi\.sk|disk\.(?:360\.)?yandex\.[a-z.]+)(\/(?:d|i)\/[^/?#]+)/;

/**
 * What a key or an address stands for. Addresses of any of the service's hosts are understood.
 * @throws Refusal 404 for one that is unknown, withdrawn or past its time.
 */
export function openPublic(disk: Disk, keyOrUrl: string): Node & { publication: Publication } {
  const wantedPath = urlPattern.exec(keyOrUrl)?.[1];
  const node = publishedNodes(disk).find(
    ({ publication }) =>
      publication.publicKey === keyOrUrl ||
      (wantedPath !== undefined && urlPattern.exec(publication.publicUrl)?.[1] === wantedPath),
  );
  const until = node?.publication.settings.available_until;
  if (!node || (until !== undefined && until * 1000 <= disk.clock.now())) {
    throw new Refusal('DiskNotFoundError', keyOrUrl);
  }
  return node;
}
