/** The identities of a contact: who says so, since when, and what joined them. */
import { IconAt, IconId, IconKey, IconPhone } from '@tabler/icons-react';
import { useFormats, useNow } from '../../../format/use-formats.ts';
import { Badge } from '../../../parts/badge.tsx';
import { Card } from '../../../parts/card.tsx';
import { identityWords } from '../../../parts/identity-chip.tsx';
import styles from './identities-card.module.css';
import { JoinsFoot } from './joins-foot.tsx';
import type { Explanation } from './use-contact.ts';

type Identity = Explanation['identities'][number];

export function IdentitiesCard({ contact }: { readonly contact: Explanation }) {
  const { identities } = contact;
  return (
    <Card title="Identities" note={String(identities.filter((it) => it.leads_here).length)}>
      {identities.map((identity, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: masked identities may be alike
        <IdentityItem identity={identity} key={place} />
      ))}
      <JoinsFoot contact={contact} />
    </Card>
  );
}

function IdentityItem({
  identity: { identity, leads_here, claims },
}: {
  readonly identity: Identity;
}) {
  const Icon = iconOf(identity.type ?? '');
  return (
    <div className={styles.identity}>
      <span className={styles.icon} aria-hidden>
        <Icon size={16} stroke={1.6} />
      </span>
      <div className={styles.words}>
        <p className={styles.value}>{identityWords(identity).replace(/^[^:]*:/, '')}</p>
        <p className={styles.facts}>
          {identity.type ?? 'a type that is gone'}, <ClaimWords claims={claims} />
        </p>
      </div>
      {!leads_here && <Badge tone="outline">claimed, without effect</Badge>}
    </div>
  );
}

function ClaimWords({ claims }: Pick<Identity, 'claims'>) {
  const formats = useFormats();
  const nowMs = useNow();
  const datasets = [...new Set(claims.map(({ dataset }) => dataset ?? 'a dataset that is gone'))];
  const since = claims
    .flatMap((claim) => (claim.since === null ? [] : [claim.since]))
    .toSorted()
    .at(0);
  if (datasets.length === 0) return 'no row claims it';
  return `${datasets.join(' and ')}${since === undefined ? '' : `, since ${formats.when(since, nowMs)}`}`;
}

function iconOf(type: string) {
  if (type.includes('mail')) return IconAt;
  if (type.includes('phone')) return IconPhone;
  return type === 'id' ? IconKey : IconId;
}
