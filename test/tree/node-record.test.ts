import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ResourceReply } from '../../src/disk-api/replies.ts';
import { type Node, nodeOf } from '../../src/tree/node.ts';
import { nodeFrom, recordOf } from '../../src/tree/node-record.ts';

const hex = (digits: number) =>
  fc
    .array(fc.constantFrom(...'0123456789abcdef'), { minLength: digits, maxLength: digits })
    .map((all) => all.join(''));
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
/** Any UTF-16, halves of pairs too. */
const anyName = fc
  .array(fc.integer({ min: 0, max: 0xffff }), { minLength: 1, maxLength: 300 })
  .map((units) => String.fromCharCode(...units));

const anyReply: fc.Arbitrary<ResourceReply> = fc.record({
  name: anyName,
  type: fc.constantFrom('file', 'dir'),
  path: fc.constant(undefined),
  resource_id: maybe(fc.string()),
  revision: maybe(fc.integer({ min: 0, max: 2 ** 52 })),
  created: fc.constant(undefined),
  modified: maybe(fc.constantFrom('2024-07-11T18:02:06+00:00', '1969-01-01T00:00:00+00:00', 'nonsense')),
  size: maybe(fc.integer({ min: 0, max: 2 ** 50 })),
  md5: maybe(hex(32)),
  sha256: maybe(hex(64)),
  media_type: maybe(fc.string()),
  mime_type: maybe(fc.string()),
  file: maybe(fc.constant('https://downloader.disk.yandex.ru/x')),
  public_url: maybe(fc.string()),
  public_key: fc.constant(undefined),
  custom_properties: maybe(
    fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer())).map((properties) => ({
      ...properties,
      rclone_modified: '2026-08-17T16:13:14.123456789+05:30',
    })),
  ),
  share: maybe(fc.constant({ is_root: true })),
});

/** Links are not kept. */
function withoutLink(node: Node): Node {
  const { content } = node.remote;
  return content ? { ...node, remote: { ...node.remote, content: { ...content, link: undefined } } } : node;
}

describe('a record of a node', () => {
  it('gives back all but the link, whatever the Disk told', () => {
    fc.assert(
      fc.property(anyReply, fc.integer({ min: 2, max: 2 ** 40 }), (reply, id) => {
        const node = nodeOf(reply, { id, parentId: 7 }, `disk:/folder/${reply.name}`, 1);
        const back = nodeFrom(recordOf(node), () => 'disk:/folder');
        expect(back).toEqual(withoutLink(node));
        expect(recordOf(back)).toEqual(recordOf(node));
      }),
    );
  });

  it('is refused when any value of it is another', () => {
    fc.assert(
      fc.property(anyReply, fc.nat(), (reply, seed) => {
        const record = recordOf(nodeOf(reply, { id: 5, parentId: 1 }, `disk:/${reply.name}`, 1));
        const at = seed % record.length;
        const value = record[at] ?? null;
        record[at] = typeof value === 'number' ? value + 1 : `${value}!`;
        expect(() => nodeFrom(record, () => 'disk:/')).toThrow(/not what was written/);
      }),
    );
  });
});
