/** What a `fields` parameter asks for: a tree of names. A name without names beneath it means all of it. */
export interface FieldTree {
  readonly inner: ReadonlyMap<string, FieldTree>;
}

interface GrowingTree extends FieldTree {
  readonly inner: Map<string, GrowingTree>;
}

/** Null asks for everything. Recorded: `a` together with `a.b` asks for `a.b` only. */
export function parseFields(text: string | null): FieldTree | null {
  const root: GrowingTree = { inner: new Map() };
  for (const field of (text ?? '').split(',')) {
    let at = root;
    for (const name of field.trim().split('.')) {
      if (name === '') break;
      const next = at.inner.get(name) ?? { inner: new Map() };
      at.inner.set(name, next);
      at = next;
    }
  }
  return root.inner.size === 0 ? null : root;
}

/** Whether a name is asked for. */
export function wants(fields: FieldTree | null, name: string): boolean {
  return fields === null || fields.inner.has(name);
}

/** What is asked for beneath a name that is asked for. */
export function fieldsOf(fields: FieldTree | null, name: string): FieldTree | null {
  const tree = fields?.inner.get(name);
  return tree && tree.inner.size > 0 ? tree : null;
}

/** The part of a plain value that is asked for. */
export function pick(value: unknown, fields: FieldTree | null): unknown {
  if (fields === null || value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((item) => pick(item, fields));
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, inner]) =>
      wants(fields, name) ? [[name, pick(inner, fieldsOf(fields, name))]] : [],
    ),
  );
}
