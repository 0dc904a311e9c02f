import { type Sides, Waits } from './waits.ts';

/** All that cannot go before one of these does, by their ids; those themselves too. */
export function heldUpBy(sides: Sides, ids: ReadonlySet<number>): ReadonlySet<number> {
  const waits = new Waits(sides);
  /** By number: those that wait for it. */
  const behind = new Map<number, number[]>();
  const reached: number[] = [];
  let areLocked = false;
  waits.all.forEach(({ node, need }, number) => {
    for (const other of waits.aheadOf(number)) {
      const others = behind.get(other);
      if (others) others.push(number);
      else behind.set(other, [number]);
    }
    if (!ids.has(node.id)) return;
    reached.push(number);
    // What may still take effect locks what is in its way.
    if (need === 'resolve') areLocked = true;
  });
  if (areLocked)
    for (let number = 0; number < waits.all.length; number++)
      if (waits.isLocked(number)) reached.push(number);
  const found = new Set<number>();
  for (let number = reached.pop(); number !== undefined; number = reached.pop()) {
    const { id } = waits.at(number).node;
    if (found.has(id)) continue;
    found.add(id);
    reached.push(...(behind.get(number) ?? []));
  }
  return found;
}
