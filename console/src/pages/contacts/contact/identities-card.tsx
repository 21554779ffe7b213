/** The identities of a contact: who says so, since when, and what joined them. */
import { IconAt, IconId, IconKey, IconPhone } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useFormats, useNow } from '../../../format/use-formats.ts';
import { Badge } from '../../../parts/badge.tsx';
import { BreakingText } from '../../../parts/breaking-text.tsx';
import { Card } from '../../../parts/card.tsx';
import { identityWords } from '../../../parts/identity-chip.tsx';
import { useMay } from '../../../session/session-context.tsx';
import styles from './identities-card.module.css';
import { JoinsFoot } from './joins-foot.tsx';
import { SplitButton } from './split-button.tsx';
import type { Explanation } from './use-contact.ts';
import type { OfferUndo } from './use-undo-join.ts';

type Identity = Explanation['identities'][number];

interface IdentitiesParts {
  readonly contact: Explanation;
  readonly onSplit: OfferUndo;
}

export function IdentitiesCard({ contact, onSplit }: IdentitiesParts) {
  const { identities, contact_id: contactId } = contact;
  const maySplit = useMay('contacts:write') && identities.filter((it) => it.leads_here).length > 1;
  return (
    <Card title="Identities" note={String(identities.filter((it) => it.leads_here).length)}>
      {identities.map((identity, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: masked identities may be alike
        <IdentityItem identity={identity} key={place}>
          {maySplit && <Split identity={identity} contactId={contactId} onSplit={onSplit} />}
        </IdentityItem>
      ))}
      <JoinsFoot contact={contact} />
    </Card>
  );
}

function IdentityItem({
  identity: { identity, leads_here, claims },
  children,
}: {
  readonly identity: Identity;
  readonly children: ReactNode;
}) {
  const Icon = iconOf(identity.type ?? '');
  return (
    <div className={styles.identity}>
      <span className={styles.icon} aria-hidden>
        <Icon size={16} stroke={1.6} />
      </span>
      <div className={styles.words}>
        <p className={styles.value}>
          <BreakingText text={identityWords(identity).replace(/^[^:]*:/, '')} />
        </p>
        <p className={styles.facts}>
          {identity.type ?? 'a type that is gone'}, <ClaimWords claims={claims} />
        </p>
      </div>
      {!leads_here && <Badge tone="outline">claimed, without effect</Badge>}
      {children}
    </div>
  );
}

/** Only of an identity whose value is known can the server be told. */
function Split({
  identity: { identity, leads_here },
  contactId,
  onSplit,
}: {
  readonly identity: Identity;
  readonly contactId: string | null;
  readonly onSplit: OfferUndo;
}) {
  const { type, value } = identity;
  if (!leads_here || type === null || value === null || contactId === null) return null;
  return <SplitButton {...{ contactId, type, value, onSplit }} />;
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
  return `${datasets.join(' and ')}${since === undefined ? '' : `, since ${formats.whenInText(since, nowMs)}`}`;
}

function iconOf(type: string) {
  if (type.includes('mail')) return IconAt;
  if (type.includes('phone')) return IconPhone;
  return type === 'id' ? IconKey : IconId;
}
