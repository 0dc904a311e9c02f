import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import type { Module } from './modules.ts';

const run = promisify(execFile);

interface Component {
  readonly name: string;
  readonly version: string;
  readonly 'bom-ref': string;
}

interface Bill {
  readonly metadata: Record<string, unknown>;
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

/**
 * The bill of materials in CycloneDX: of what `npm sbom` lists, that which is in the package; and Node with its own parts, libfuse and
 * SQLite, which npm knows nothing of. No random number, and no time but the given one.
 */
export async function billOfMaterials(
  root: string,
  modules: readonly Module[],
  sqlite: string,
  at: Date,
): Promise<string> {
  const { stdout } = await run(
    'npm',
    ['sbom', '--sbom-format', 'cyclonedx', '--omit', 'dev', '--package-lock-only'],
    { cwd: root, maxBuffer: 64 * 1024 ** 2 },
  );
  const bill: Bill = JSON.parse(stdout);
  const inside = new Set(modules.map(({ name, version }) => `${name}@${version}`));
  const components = [
    ...bill.components.filter(({ name, version }) => inside.has(`${name}@${version}`)),
    other('node', process.versions.node, 'MIT'),
    ...Object.entries(process.versions)
      .filter(([name, version]) => name !== 'node' && name !== 'modules' && version)
      .map(([name, version]) => other(name, `${version}`)),
    other('libfuse', '2.9.9', 'LGPL-2.1-only'),
    other('sqlite', sqlite, 'blessing'),
  ];
  const { timestamp: _, component, ...metadata } = bill.metadata;
  const kept = new Set(components.map((each) => each['bom-ref']));
  const body = {
    ...bill,
    metadata: {
      timestamp: at.toISOString(),
      ...metadata,
      component: { ...(component as object), type: 'application', name: 'yadiskfs' },
    },
    components,
    dependencies: bill.dependencies
      .filter(({ ref }) => kept.has(ref) || ref.startsWith('yadiskfs@'))
      .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((each) => kept.has(each)) })),
  };
  return `${JSON.stringify({ ...body, serialNumber: numberOf(JSON.stringify({ ...body, serialNumber: '' })) }, null, 1)}\n`;
}

function other(name: string, version: string, license?: string) {
  return {
    'bom-ref': `${name}@${version}`,
    type: 'library',
    name,
    version,
    ...(license === undefined ? {} : { licenses: [{ license: { id: license } }] }),
  };
}

/** A UUID of version 8 (RFC 9562): made of the text. */
function numberOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return `urn:uuid:${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
