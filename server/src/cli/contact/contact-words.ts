/** Joins and identities of contacts in words. */
import type { ContactIdentitiesView } from '../../administration/contact/explain-contact.ts';
import type { IdentityView } from '../../administration/contact/identity-view.ts';
import type { JoinView } from '../../administration/contact/list-joins.ts';

/** `email:tom@hello.com`, or `email:#0f8b2c1e6c1f` if only the hash is known. */
export function identityWords(identity: IdentityView | null): string {
  if (identity === null) return '-';
  const { type, value, digest } = identity;
  return `${type ?? '?'}:${value ?? `#${digest}`}`;
}

interface IdentityRow {
  readonly identity: string;
  readonly dataset: string;
  readonly key: string;
  readonly since: string;
  readonly effect: string;
}

/** A row for each claim, and one for an identity without claims. */
export function identityRows({
  identities,
}: Pick<ContactIdentitiesView, 'identities'>): IdentityRow[] {
  return identities.flatMap(({ identity, claims, leads_here }) => {
    const words = identityWords(identity);
    if (claims.length === 0) {
      const effect = leads_here ? 'stays, though no row claims it' : 'none';
      return [{ identity: words, dataset: '-', key: '-', since: '-', effect }];
    }
    return claims.map(({ dataset, key, since, refused }) => ({
      identity: words,
      dataset: dataset ?? '-',
      key: identityWords(key),
      since: since?.slice(0, 16).replace('T', ' ') ?? '-',
      effect: refused ?? 'yes',
    }));
  });
}

/** The keys that a join or parting was about: those of the first pairs. */
export function keyWords({ pairs }: JoinView): string {
  const shown = pairs.slice(0, shownPairs).map((pair) => pair.map(identityWords).join(' + '));
  const more = pairs.length - shown.length;
  return [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join(', ');
}

const shownPairs = 2;
