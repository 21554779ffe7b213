/** Which identities belong to a contact, although they do not lead to it. */
import type { IdentityKey } from '../../store.ts';
import type { Component, IdentityNode } from './component.ts';
import type { Group } from './decide-component.ts';

/**
 * What the rows of a contact claim without effect, and no row of others claims. What a person
 * parted from the contact is somebody else.
 */
export function claimedByNobodyElse(component: Component, { nodes, rows }: Group): IdentityNode[] {
  const own = new Set(nodes);
  const isOwn = (identity: IdentityKey) => {
    const node = component.find(identity);
    return node !== undefined && own.has(node);
  };
  const claimed = new Set(rows.flatMap(({ claims }) => claims.map(({ node }) => node)));
  return [...claimed.difference(own)].filter(({ entry, isCrowded, links }) => {
    if (entry?.isLeading === true || isCrowded) return false;
    return links.waits.every(({ key }) => isOwn(key)) && !links.bars.some((it) => isOwn(it.other));
  });
}
