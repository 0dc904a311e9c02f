/** What POSIX keeps of a file or folder and the Disk has no place for. */
export interface Traits {
  /** Permission bits of st_mode, at most 0o7777; undefined: those that a mount gives to what has none of its own. */
  readonly permissions: number | undefined;
  /** A symbolic link, whose target is the content. */
  readonly isLink: boolean;
  /** Extended attributes, sorted by name: the name without `user.`, and the value in base64url. */
  readonly attributes: readonly (readonly [name: string, value: string])[];
}

/** Of most files and folders. */
export const noTraits: Traits = { permissions: undefined, isLink: false, attributes: [] };

export function isSameTraits(one: Traits, other: Traits): boolean {
  return (
    one.permissions === other.permissions &&
    one.isLink === other.isLink &&
    one.attributes.length === other.attributes.length &&
    one.attributes.every(([name, value], index) => {
      const [otherName, otherValue] = other.attributes[index] ?? [];
      return name === otherName && value === otherValue;
    })
  );
}

/** With an attribute set, or taken away where the value is undefined. */
export function withAttribute(traits: Traits, name: string, value: Buffer | undefined): Traits {
  const others = traits.attributes.filter(([each]) => each !== name);
  if (value) others.push([name, value.toString('base64url')]);
  return { ...traits, attributes: others.sort(([one], [other]) => (one < other ? -1 : 1)) };
}
