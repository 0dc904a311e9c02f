/**
 * The groups of numbers that can all reach each other by `next`, in an order in which each comes after all that it reaches (Tarjan's
 * strongly connected components, without recursion: chains are as long as trees are deep).
 */
export function groupsOf(numbers: Iterable<number>, next: (number: number) => readonly number[]): number[][] {
  const found = new Map<number, Visit>();
  const groups: number[][] = [];
  const open: Visit[] = [];
  const path: Visit[] = [];
  const visit = (number: number) => {
    const visited: Visit = {
      number,
      index: found.size,
      lowest: found.size,
      next: next(number),
      at: 0,
      open: true,
    };
    found.set(number, visited);
    open.push(visited);
    path.push(visited);
  };
  for (const number of numbers) {
    if (found.has(number)) continue;
    visit(number);
    for (let top = path.at(-1); top; top = path.at(-1)) {
      const other = top.next[top.at];
      if (other !== undefined) {
        top.at += 1;
        const known = found.get(other);
        if (!known) visit(other);
        else if (known.open) top.lowest = Math.min(top.lowest, known.index);
        continue;
      }
      path.pop();
      const below = path.at(-1);
      if (below) below.lowest = Math.min(below.lowest, top.lowest);
      if (top.lowest === top.index) groups.push(closeFrom(open, top));
    }
  }
  return groups;
}

interface Visit {
  readonly number: number;
  readonly index: number;
  lowest: number;
  readonly next: readonly number[];
  at: number;
  open: boolean;
}

function closeFrom(open: Visit[], first: Visit): number[] {
  const members: number[] = [];
  for (let member = open.pop(); member; member = open.pop()) {
    member.open = false;
    members.push(member.number);
    if (member === first) break;
  }
  return members;
}
