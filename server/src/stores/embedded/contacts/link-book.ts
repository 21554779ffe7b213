/** Changes the links of a component's nodes: in the store, and in the nodes. */
import { type KeyedDatabase, unwrittenDatabase } from '../keyed-database.ts';
import { type Component, type IdentityNode, isSameId, isSameIdentity } from './component.ts';
import { GoneIds } from './gone-ids.ts';
import {
  type IdentityLinks,
  type JoinMemory,
  LinkWriter,
  noLinks,
  type WaitingRow,
} from './identity-links.ts';

type Kept = Omit<JoinMemory, 'other' | 'isLinked'>;

/** A join that was stored as links, perhaps, before it was edited. */
type LinkedPair = readonly [IdentityNode, IdentityNode];

export interface LinkDatabases {
  readonly link: KeyedDatabase;
  readonly gone: KeyedDatabase;
}

export class LinkBook {
  readonly #component: Component;
  readonly #writer: LinkWriter;
  readonly #gone: GoneIds;
  readonly #unlinked: LinkedPair[] = [];
  /** Keys whose joins were changed. */
  readonly #edited = new Set<IdentityNode>();

  constructor(component: Component, { link, gone }: LinkDatabases) {
    const { organizationId } = component.source;
    this.#component = component;
    this.#writer = new LinkWriter(link, organizationId);
    this.#gone = new GoneIds(gone, organizationId);
  }

  /** A book that changes the nodes alone, to see what would follow. */
  static draft(component: Component): LinkBook {
    return new LinkBook(component, { link: unwrittenDatabase, gone: unwrittenDatabase });
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

  /** `undefined` forgets the join. It is stored by `writeMemory`. */
  memory(one: IdentityNode, other: IdentityNode, memory: Kept | undefined): void {
    const known = this.memoryOf(one, other);
    // A draft may have forgotten it already.
    const isLinked = known?.isLinked ?? (wasLinked(one) || wasLinked(other));
    if (isLinked) this.#unlinked.push([one, other]);
    this.#remember(one, other, memory && { ...memory, isLinked: false });
  }

  #remember(
    one: IdentityNode,
    other: IdentityNode,
    memory: Omit<JoinMemory, 'other'> | undefined,
  ): void {
    for (const [node, that] of [[one, other] as const, [other, one] as const]) {
      const others = node.links.memory.filter((it) => this.#component.find(it.other) !== that);
      this.#edited.add(node);
      const joins = memory === undefined ? others : [...others, { ...memory, other: that }];
      edit(node, { memory: joins });
    }
  }

  /**
   * Stores joins as links, unless both keys are part of one contact, whose list has them then. A
   * list has no place for when they were parted.
   * @param areTogether whether two identities lead to one contact
   */
  writeMemory(areTogether: (one: IdentityNode, other: IdentityNode) => boolean): void {
    for (const [one, other] of this.#unlinked.splice(0)) {
      this.#writer.memory(one, other, undefined);
    }
    for (const [place, one] of this.#component.nodes.entries()) {
      for (const { other: identity, ...memory } of one.links.memory) {
        const other = this.#component.find(identity);
        if (other === undefined || other.place < place) continue;
        const isLinked = memory.partedAt !== 0n || !areTogether(one, other);
        if (isLinked === memory.isLinked) continue;
        this.#writer.memory(one, other, isLinked ? memory : undefined);
        this.#remember(one, other, { ...memory, isLinked });
      }
    }
  }

  /** Whether joins of the key were changed. */
  hasEdited(node: IdentityNode): boolean {
    return this.#edited.has(node);
  }

  memoryOf(one: IdentityNode, other: IdentityNode): JoinMemory | undefined {
    return one.links.memory.find((it) => this.#component.find(it.other) === other);
  }

  /** `undefined` removes the tombstone. */
  tombstone(node: IdentityNode, contactId: Uint8Array, atMs: number | undefined): void {
    const known = node.links.tombstones.find((it) => isSameId(it.contactId, contactId));
    if (known !== undefined) this.#gone.remove(known);
    this.#writer.tombstone(node, contactId, atMs);
    if (atMs !== undefined) this.#gone.put({ contactId, atMs }, node);
    const others = node.links.tombstones.filter((it) => !isSameId(it.contactId, contactId));
    edit(node, { tombstones: atMs === undefined ? others : [...others, { contactId, atMs }] });
  }

  forgetMoves(node: IdentityNode): void {
    for (const { datasetId } of node.links.moves) {
      this.#writer.moves(node, { datasetId, count: 0 });
    }
    edit(node, { moves: [] });
  }
}

function edit(node: IdentityNode, change: Partial<IdentityLinks>): void {
  node.links = { ...node.links, ...change };
}

function isSameRow(one: WaitingRow, other: WaitingRow): boolean {
  return one.datasetId === other.datasetId && isSameIdentity(one.key, other.key);
}

/** Whether links of the identity may be stored. */
function wasLinked({ entry }: IdentityNode): boolean {
  return entry?.isLinked === true;
}

/** Whether the identity has links for which its entry in the index must be kept. */
export function hasLinks({ links, isCrowded }: IdentityNode): boolean {
  if (links === noLinks) return isCrowded;
  const { waits, brokenAt, bars, merges, memory, tombstones } = links;
  return (
    isCrowded ||
    brokenAt !== undefined ||
    waits.length + bars.length + merges.length + tombstones.length > 0 ||
    memory.some((it) => it.isLinked)
  );
}
