/** What people join and part: merge two contacts, take that back, split an identity off. */

import { compareStrength } from '../../../domain/contact/identity-strength.ts';
import { parseRevision } from '../../../domain/revision.ts';
import type { JoinAnswer, JoinOptions, JoinRefusal } from '../../join-answer.ts';
import type { IdentityKey } from '../../store.ts';
import { type Component, type IdentityNode, isSameIdentity } from '../contacts/component.ts';
import { decideComponent, type Group, whyNotMerge } from '../contacts/decide-component.ts';
import {
  entryName,
  type LoggedPair,
  type StoredMerge,
  type StoredParting,
} from '../contacts/join-log.ts';
import { LinkBook } from '../contacts/link-book.ts';
import { ComponentChange } from './component-change.ts';
import type { WriteSession } from './write-session.ts';

export interface JoinPlace extends Pick<JoinOptions, 'by'> {
  readonly organizationId: number;
}

/** Joins two contacts without evidence, and lifts the bars between them. */
export function mergeContacts(
  session: WriteSession,
  { organizationId, by }: JoinPlace,
  [one, other]: readonly [IdentityKey, IdentityKey],
): JoinAnswer {
  const version = session.nextVersion();
  const change = new ComponentChange(session, { organizationId, version });
  const { component } = change;
  const named = [component.node(one), component.node(other)] as const;
  component.gather();
  const { groupOf } = decideComponent(component, change.context());
  const groups = [groupOf.get(named[0]), groupOf.get(named[1])] as const;
  const refused = whyNotMerge(component, change.context(), groups);
  if (refused !== undefined) return { refused };
  const [left, right] = groups as readonly [Group, Group];
  const merge = mergeOf(session, { organizationId, by }, { named, left, right });
  const nodes = nodesOfMerge(component, merge);
  const apply = (book: LinkBook) => {
    for (const { keys } of merge.lifted) book.bar(...nodesOf(change, keys), undefined);
    for (const node of nodes) book.merge(node, version, true);
  };
  apply(LinkBook.draft(component));
  component.merges.set(version, merge);
  const after = decideComponent(component, change.context());
  const joined = new Set([...left.nodes, ...right.nodes].map((node) => after.groupOf.get(node)));
  if (joined.size !== 1) return { refused: 'identity_limit' };
  apply(change.book);
  change.write(undefined, after);
  const forgotten = change.forgotten.map(({ keys, version: joinedBy }) => ({
    keys,
    version: joinedBy,
  }));
  const entry = { ...merge, forgotten };
  change.log.put(version, entry);
  return { entry: entryName(version, entry) };
}

function mergeOf(
  session: WriteSession,
  { organizationId, by }: JoinPlace,
  {
    named,
    left,
    right,
  }: {
    readonly named: readonly [IdentityNode, IdentityNode];
    readonly left: Group;
    readonly right: Group;
  },
): StoredMerge {
  const rules = session.rules(organizationId);
  const keysOf = ({ rows }: Group) => {
    const keys = new Set(rows.filter(({ kind }) => kind !== 'list').map(({ key }) => key));
    return [...keys].sort((a, b) => compareStrength(rules, a, b));
  };
  const keys = [keysOf(left), keysOf(right)] as const;
  // The key that a person meant by an identity: itself, or else the contact's strongest one.
  const keyFor = (place: 0 | 1) =>
    keys[place].includes(named[place]) ? named[place] : (keys[place][0] ?? named[place]);
  return {
    kind: 'merge',
    atMs: session.nowMs(),
    by,
    keys: [keyFor(0), keyFor(1)],
    sides: keys,
    lifted: barsBetween(left, right),
    forgotten: [],
    isTakenBack: false,
  };
}

/** The identities that the merge links, also those that lead to another contact by now. */
function nodesOfMerge(
  component: Component,
  { keys, sides }: StoredMerge,
): ReadonlySet<IdentityNode> {
  return new Set([...keys, ...sides.flat()].map((it) => component.node(it)));
}

function barsBetween(left: Group, right: Group): LoggedPair[] {
  const isIn = (group: Group, identity: IdentityKey) =>
    group.nodes.some((node) => isSameIdentity(node, identity));
  return left.nodes.flatMap((node) =>
    node.links.bars
      .filter(({ other }) => isIn(right, other))
      .map(({ other, version }) => ({ keys: [node, other] as const, version })),
  );
}

function nodesOf(
  { component }: ComponentChange,
  [one, other]: readonly [IdentityKey, IdentityKey],
): [IdentityNode, IdentityNode] {
  return [component.node(one), component.node(other)];
}

/** Takes an entry of the log back: a merge, or a join by rows, which a bar parts then. */
export function unmergeContacts(session: WriteSession, place: JoinPlace, name: string): JoinAnswer {
  const version = parseRevision(name.slice(0, 16));
  if (version === undefined) return notFound;
  const change = new ComponentChange(session, {
    organizationId: place.organizationId,
    version: session.nextVersion(),
  });
  const found = change.log.find(version, name);
  if (found?.kind === 'merge' && !found.isTakenBack) {
    return takeBack(session, place, { change, version, merge: found });
  }
  if (found?.kind !== 'join') return notFound;
  const [one, other] = nodesOf(change, found.keys);
  change.component.gather();
  const isBarred = one.links.bars.some((bar) => change.component.find(bar.other) === other);
  if (isBarred) return notFound;
  return part(session, place, { change, kind: 'unmerge', pairs: [[one, other]] });
}

const notFound: { readonly refused: JoinRefusal } = { refused: 'not_found' };

/** Puts back the bars that the merge lifted and the join memory that it ended. */
function takeBack(
  session: WriteSession,
  { by }: JoinPlace,
  {
    change,
    version,
    merge,
  }: { readonly change: ComponentChange; readonly version: bigint; readonly merge: StoredMerge },
): JoinAnswer {
  const { component } = change;
  const keys = nodesOf(change, merge.keys);
  const nodes = nodesOfMerge(component, merge);
  component.gather();
  const remembered = joinsOfVersion(change, version);
  const apply = (book: LinkBook) => {
    for (const node of nodes) book.merge(node, version, false);
    for (const it of merge.lifted) book.bar(...nodesOf(change, it.keys), it.version);
    for (const pair of remembered) book.memory(...pair, undefined);
    for (const it of merge.forgotten) {
      const pair = nodesOf(change, it.keys);
      if (change.remembers(...pair)) continue;
      book.memory(...pair, undefined);
      book.memory(...pair, { version: it.version, partedAt: 0n, pendingOn: [] });
    }
  };
  apply(LinkBook.draft(component));
  component.merges.delete(version);
  const { groupOf } = decideComponent(component, change.context());
  const [left, right] = keys.map((key) => groupOf.get(key));
  if (left === right && left !== undefined && left.rows.length > 0) {
    return { refused: 'still_joined' };
  }
  apply(change.book);
  change.write();
  change.log.put(version, { ...merge, isTakenBack: true });
  const parting: StoredParting = {
    kind: 'unmerge',
    atMs: session.nowMs(),
    by,
    pairs: [merge.keys],
  };
  const now = session.nextVersion();
  change.log.put(now, parting);
  return { entry: entryName(now, parting) };
}

function joinsOfVersion(
  { component, book }: ComponentChange,
  version: bigint,
): (readonly [IdentityNode, IdentityNode])[] {
  return component.nodes.flatMap((node) =>
    node.links.memory.flatMap((memory) => {
      const other = memory.version === version ? component.find(memory.other) : undefined;
      return other === undefined || book.memoryOf(node, other) === undefined
        ? []
        : [[node, other] as const];
    }),
  );
}

/** Parts an identity, with the rows that are keyed by it, from every other key of its contact. */
export function splitContact(
  session: WriteSession,
  place: JoinPlace,
  identity: IdentityKey,
): JoinAnswer {
  const { organizationId } = place;
  const change = new ComponentChange(session, { organizationId, version: session.nextVersion() });
  const { component, book } = change;
  const node = component.node(identity);
  component.gather();
  const group = decideComponent(component, change.context()).groupOf.get(node);
  const rows = group?.rows.filter(({ kind }) => kind !== 'list') ?? [];
  if (rows.length === 0) return { refused: 'contact_not_found' };
  const others = [...new Set(rows.map(({ key }) => key))].filter((key) => key !== node);
  if (others.length === 0) return { refused: 'nothing_to_part' };
  const merges = [...component.merges]
    .filter(([, { keys }]) => keys.some((key) => component.find(key) === node))
    .map(([entry, merge]) => ({ entry, merge, nodes: nodesOfMerge(component, merge) }));
  for (const { entry, merge, nodes } of merges) {
    component.merges.delete(entry);
    for (const it of nodes) book.merge(it, entry, false);
    change.log.put(entry, { ...merge, isTakenBack: true });
  }
  const pairs = others.map((key) => [node, key] as const);
  return part(session, place, { change, kind: 'split', pairs });
}

/** Bars keep the pairs apart from now on, whatever rows say. */
export function part(
  session: WriteSession,
  { by }: JoinPlace,
  {
    change,
    kind,
    pairs,
  }: {
    readonly change: ComponentChange;
    readonly kind: StoredParting['kind'];
    readonly pairs: readonly (readonly [IdentityNode, IdentityNode])[];
  },
): JoinAnswer {
  const version = session.nextVersion();
  for (const [one, other] of pairs) {
    change.book.bar(one, other, version);
    if (change.book.memoryOf(one, other) !== undefined) change.book.memory(one, other, undefined);
  }
  change.write();
  const parting: StoredParting = { kind, atMs: session.nowMs(), by, pairs };
  change.log.put(version, parting);
  return { entry: entryName(version, parting) };
}
