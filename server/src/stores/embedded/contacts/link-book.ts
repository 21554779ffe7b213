/** Changes the links of a component's nodes: in the store, and in the nodes. */
import { type KeyedDatabase, unwrittenDatabase } from '../keyed-database.ts';
import type { Component, IdentityNode } from './component.ts';
import { type IdentityLinks, type JoinMemory, LinkWriter, type WaitingRow } from './identity-links.ts';

type Kept = Omit<JoinMemory, 'other'>;

export class LinkBook {
  readonly #component: Component;
  readonly #writer: LinkWriter;

  constructor(component: Component, link: KeyedDatabase) {
    this.#component = component;
    this.#writer = new LinkWriter(link, component.source.organizationId);
  }

  /** A book that changes the nodes alone, to see what would follow. */
  static draft(component: Component): LinkBook {
    return new LinkBook(component, unwrittenDatabase);
  }

  wait(node: IdentityNode, row: WaitingRow, isWaiting: boolean): void {
    this.#writer.wait(node, row, isWaiting);
    const others = node.links.waits.filter((it) => !isSameRow(it, row));
    edit(node, { waits: isWaiting ? [...others, row] : others });
  }

  break(node: IdentityNode, version: bigint | undefined): void {
    if (version === node.links.brokenAt) return;
    this.#writer.break(node, version);
    edit(node, { brokenAt: version });
  }

  bar(one: IdentityNode, other: IdentityNode, version: bigint | undefined): void {
    this.#writer.bar(one, other, version);
    for (const [node, that] of [[one, other] as const, [other, one] as const]) {
      const bars = node.links.bars.filter((it) => this.#component.find(it.other) !== that);
      edit(node, { bars: version === undefined ? bars : [...bars, { other: that, version }] });
    }
  }

  merge(node: IdentityNode, entry: bigint, isMerged: boolean): void {
    this.#writer.merge(node, entry, isMerged);
    const others = node.links.merges.filter((it) => it !== entry);
    edit(node, { merges: isMerged ? [...others, entry] : others });
  }

  /** `undefined` forgets the join. */
  memory(one: IdentityNode, other: IdentityNode, memory: Kept | undefined): void {
    this.#writer.memory(one, other, memory);
    for (const [node, that] of [[one, other] as const, [other, one] as const]) {
      const others = node.links.memory.filter((it) => this.#component.find(it.other) !== that);
      edit(node, { memory: memory === undefined ? others : [...others, { ...memory, other: that }] });
    }
  }

  memoryOf(one: IdentityNode, other: IdentityNode): JoinMemory | undefined {
    return one.links.memory.find((it) => this.#component.find(it.other) === other);
  }

  /** `undefined` removes the tombstone. */
  tombstone(node: IdentityNode, contactId: Uint8Array, atMs: number | undefined): void {
    this.#writer.tombstone(node, contactId, atMs);
    const others = node.links.tombstones.filter((it) => Buffer.compare(it.contactId, contactId) !== 0);
    edit(node, { tombstones: atMs === undefined ? others : [...others, { contactId, atMs }] });
  }
}

function edit(node: IdentityNode, change: Partial<IdentityLinks>): void {
  node.links = { ...node.links, ...change };
}

function isSameRow(one: WaitingRow, other: WaitingRow): boolean {
  return (
    one.datasetId === other.datasetId &&
    one.key.typeId === other.key.typeId &&
    Buffer.compare(one.key.digest, other.key.digest) === 0
  );
}

/** Whether the identity has links, so that its entry in the index must be marked. */
export function hasLinks({ links, isCrowded }: IdentityNode): boolean {
  const { waits, brokenAt, bars, merges, memory, tombstones } = links;
  return (
    isCrowded ||
    brokenAt !== undefined ||
    waits.length + bars.length + merges.length + memory.length + tombstones.length > 0
  );
}
