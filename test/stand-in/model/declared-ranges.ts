import type { Content } from '../content/content.ts';
import { syntheticContent } from '../content/synthetic.ts';
import { declaredEntry } from './declared.ts';
import type { DeclaredContent } from './declared-content.ts';
import type { FolderNode, Node } from './nodes.ts';

interface Range {
  readonly first: number;
  readonly count: number;
  readonly folder: FolderNode;
  readonly declared: DeclaredContent;
}

/** What a declared file holds until somebody overwrites it. */
export function declaredFileContent(declared: DeclaredContent, name: string): Content {
  return syntheticContent(`${declared.seed ?? ''}/${name}`, declared.fileSizeBytes);
}

/** Serials that are set aside for what declared folders hold, so that nodes nobody keeps can be found by serial. */
export class DeclaredRanges {
  /** In order of serials. */
  readonly #ranges: Range[] = [];

  /** Sets serials aside; they must be higher than all before. */
  add(range: Range): void {
    this.#ranges.push(range);
  }

  /** The node with this serial, if it is still where the rule put it. */
  node(serial: number): Node | undefined {
    const range = this.#rangeOf(serial);
    if (!range) return undefined;
    const found = range.folder.children.get(declaredEntry(range.declared, serial - range.first).name);
    return found?.serial === serial ? found : undefined;
  }

  /** What the file with this serial held at first. */
  content(serial: number): Content | undefined {
    const range = this.#rangeOf(serial);
    if (!range) return undefined;
    return declaredFileContent(range.declared, declaredEntry(range.declared, serial - range.first).name);
  }

  #rangeOf(serial: number): Range | undefined {
    let low = 0;
    let high = this.#ranges.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const range = this.#ranges[middle];
      if (!range || serial < range.first) high = middle;
      else if (serial >= range.first + range.count) low = middle + 1;
      else return range;
    }
    return undefined;
  }
}
