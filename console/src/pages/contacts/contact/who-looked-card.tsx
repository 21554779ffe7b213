/** The last looks at a contact. The tab has them all. */
import { IconKey, IconUser } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useFormats, useNow } from '../../../format/use-formats.ts';
import { Card } from '../../../parts/card.tsx';
import { EmptyState } from '../../../parts/empty-state.tsx';
import { didWords, type Look } from '../../../parts/look-words.ts';
import styles from '../../../parts/looks.module.css';
import { ProblemCard } from '../../../parts/problem-card.tsx';
import { SkeletonRows } from '../../../parts/skeleton.tsx';
import { useLookers } from '../../../parts/use-lookers.ts';
import { useLooks } from './use-looks.ts';

const shown = 4;

export function WhoLookedCard({ id }: { readonly id: string }) {
  const { data, error, refetch } = useLooks(id);
  if (data === undefined && error !== null)
    return <ProblemCard error={error} onRetry={() => void refetch()} />;
  const looks = data?.pages.flatMap((page) => page.data);
  return (
    <Card
      title="Who looked"
      actions={
        <Link to="." search={(search) => ({ ...search, tab: 'looks' })}>
          All
        </Link>
      }
    >
      {looks === undefined && <SkeletonRows count={3} />}
      {looks?.slice(0, shown).map((look, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: looks of one moment are alike
        <LookItem look={look} key={place} />
      ))}
      {looks?.length === 0 && <EmptyState title="Nobody has looked yet" />}
    </Card>
  );
}

function LookItem({ look }: { readonly look: Look }) {
  const formats = useFormats();
  const nowMs = useNow();
  const { isPerson, name, note } = useLookers()(look.actor);
  const Icon = isPerson ? IconUser : IconKey;
  const { fields, at, claimed_actor } = look;
  return (
    <div className={styles.look}>
      <Icon className={styles.icon} data-person={isPerson} size={16} stroke={1.6} aria-hidden />
      <div className={styles.words}>
        <p>
          <strong>{name}</strong> <span className={styles.note}>{note}</span>
          {claimed_actor !== null && <span className={styles.note}>, for {claimed_actor}</span>}
        </p>
        <p className={styles.second}>
          {didWords(look).words}
          {fields.length > 0 && `, ${fields.length} ${fields.length === 1 ? 'field' : 'fields'}`}
        </p>
      </div>
      <time className={styles.note} dateTime={at}>
        {formats.moment(at, nowMs).replace(/^Today /, '')}
      </time>
    </div>
  );
}
