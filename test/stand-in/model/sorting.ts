import type { Settings } from '../settings.ts';
import type { Node } from './nodes.ts';
import { Refusal } from './refusal.ts';

const sizeOf = (node: Node) => (node.kind === 'file' ? node.content.sizeBytes : 0);
const byText = (left: string, right: string) => (left < right ? -1 : left > right ? 1 : 0);
const byName = (left: Node, right: Node) => byText(left.name, right.name);
const foldersFirst = (left: Node, right: Node) =>
  Number(left.kind === 'file') - Number(right.kind === 'file') || byName(left, right);
/** Stable, and of no use to anybody who relies on an order. */
const byNothing = (left: Node, right: Node) =>
  ((left.serial * 0x9e3779b1) >>> 0) - ((right.serial * 0x9e3779b1) >>> 0);

type Order = (left: Node, right: Node) => number;

const orders: Readonly<Record<string, Order>> = {
  name: byName,
  path: byName,
  created: (left, right) => left.createdMs - right.createdMs || byName(left, right),
  modified: (left, right) => left.modifiedMs - right.modifiedMs || byName(left, right),
  size: (left, right) => sizeOf(left) - sizeOf(right) || byName(left, right),
  deleted: (left, right) =>
    (left.trashed?.deletedMs ?? 0) - (right.trashed?.deletedMs ?? 0) || byName(left, right),
};

/**
 * The order that a `sort` parameter asks for; a leading `-` reverses.
 * @throws Refusal 400 for a word that is no order.
 */
export function listingOrder(sort: string, settings: Pick<Settings, 'defaultOrder'>): Order {
  if (sort === '') return settings.defaultOrder === 'unspecified' ? byNothing : foldersFirst;
  const order = orders[sort.replace(/^-/, '')];
  if (!order) throw new Refusal('FieldValidationError', 'sort');
  return sort.startsWith('-') ? (left, right) => order(right, left) : order;
}
