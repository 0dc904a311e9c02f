import { z } from 'zod';
import type { Settings } from '../settings.ts';
import { noteChange } from './changes.ts';
import type { Disk } from './disk.ts';
import type { Node, Properties } from './nodes.ts';
import { Refusal } from './refusal.ts';

const changesSchema = z
  .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))
  .nullable();

/** What a PATCH asks for: keys to set, keys to take away (`null`), or to take all away. */
export type PropertyChanges = z.output<typeof changesSchema>;

/** @throws Refusal 400 for anything that is not flat. */
export function readPropertyChanges(given: unknown): PropertyChanges {
  const parsed = changesSchema.safeParse(given);
  if (!parsed.success) throw new Refusal('FieldValidationError', 'custom_properties');
  return parsed.data;
}

/** Recorded: keys are merged, `null` takes one away, and nothing left is `null`. */
function merged(before: Properties | null | undefined, changes: PropertyChanges): Properties | null {
  if (changes === null) return null;
  const kept = Object.entries({ ...before, ...changes }).filter(([, value]) => value !== null);
  return kept.length === 0 ? null : (Object.fromEntries(kept) as Properties);
}

function propertiesLength(properties: Properties | null, unit: Settings['propertiesUnit']): number {
  const text = JSON.stringify(properties ?? {});
  return unit === 'bytes' ? Buffer.byteLength(text) : [...text].length;
}

/**
 * Sets properties. On a file that is not final yet they are lost, as the settings say.
 * @throws Refusal 400 when they are too large, 500 when the file is not final.
 */
export function setProperties(disk: Disk, node: Node, changes: PropertyChanges): void {
  const { settings, clock } = disk;
  const properties = merged(node.properties, changes);
  if (propertiesLength(properties, settings.propertiesUnit) > settings.propertiesMax) {
    throw new Refusal('FieldValidationError', 'custom_properties');
  }
  const isFinal = node.kind === 'dir' || clock.now() >= node.finalAtMs;
  if (!isFinal && earlyPatch(disk) === 'error') throw new Refusal('InternalServerError');
  if (!isFinal && settings.patchBeforeFinal !== 'keep' && !node.propertiesWhenFinal) {
    const whenFinal = { value: node.properties };
    node.propertiesWhenFinal = whenFinal;
    disk.timeline.at(node.finalAtMs, () => {
      if (node.propertiesWhenFinal !== whenFinal) return;
      node.propertiesWhenFinal = undefined;
      node.properties = whenFinal.value;
    });
  }
  disk.remember(node.parent);
  node.properties = properties;
  node.modifiedMs = clock.now();
  noteChange(disk, node, node.parent);
}

function earlyPatch({ settings, random }: Disk): 'drop' | 'error' | 'keep' {
  if (settings.patchBeforeFinal !== 'mixed') return settings.patchBeforeFinal;
  return random.fraction() < 0.5 ? 'drop' : 'error';
}
