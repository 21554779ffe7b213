/** Who looked at this person? */
import { Select } from '@mantine/core';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { download } from '../../api/call.ts';
import { ActorFilter } from '../../parts/actor-filter.tsx';
import { DaysFilter } from '../../parts/days-filter.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { ExportMenu } from '../../parts/export-menu.tsx';
import styles from '../../parts/filters.module.css';
import { LogCard } from '../../parts/log-card.tsx';
import { lookWords, outcomeWords } from '../../parts/look-words.ts';
import { LooksTable } from '../../parts/looks-table.tsx';
import { PageHead } from '../../parts/page-head.tsx';
import { ChainBadge, Kept } from './chain-state.tsx';
import { ContactFilter } from './contact-filter.tsx';
import { LooksBand } from './looks-band.tsx';
import { type AccessSearch, useAccess, useAccessQuery } from './use-access.ts';

/** A filter that is `undefined` is taken away. */
type Change = { readonly [Name in keyof AccessSearch]?: string | undefined };

export function AccessPage() {
  const search = useSearch({ from: '/inside/access' });
  const navigate = useNavigate({ from: '/access' });
  const log = useAccess(search);
  const query = useAccessQuery(search);
  const change = (filters: Change) =>
    void navigate({
      search: (current) => defined({ ...current, ...filters }),
      replace: true,
    });
  const clear = () => void navigate({ search: {}, replace: true });
  const seen = log.entries?.map(({ actor }) => actor) ?? [];
  return (
    <>
      <PageHead
        title="Access log"
        facts="Who looked at whom, and at which fields. Never the values."
        actions={
          <>
            <ChainBadge />
            <ExportMenu
              read={(format) =>
                download('POST /admin/v1/access-log/export', { body: { format, ...query } })
              }
            />
          </>
        }
      />
      <ContactFilter
        contact={search.contact}
        subject={search.subject}
        onContact={(contact) => change({ contact, subject: undefined })}
      />
      {search.contact === undefined && search.subject === undefined && <LooksBand />}
      <search className={styles.filters} aria-label="Which looks">
        <ActorFilter actor={search.actor} seen={seen} onActor={(actor) => change({ actor })} />
        <Select
          label="Did"
          data={kinds}
          value={search.way ?? ''}
          onChange={(next) => change({ way: next || undefined })}
        />
        <Select
          label="Outcome"
          data={outcomes}
          value={search.outcome ?? ''}
          onChange={(next) => change({ outcome: next || undefined })}
        />
        <DaysFilter days={search} onDays={change} />
      </search>
      <LogCard
        title="Looks"
        log={log}
        kept={<Kept />}
        isFiltered={Object.keys(search).length > 0}
        onClear={clear}
        empty={<Nobody />}
      >
        {(looks) => <LooksTable looks={looks} saysWhom />}
      </LogCard>
    </>
  );
}

function Nobody() {
  return (
    <EmptyState title="Nobody has looked yet">
      <span>Every look-up of a contact is noted here, by tokens and by people.</span>
      <Link to="/contacts">Find a contact</Link>
    </EmptyState>
  );
}

const kinds = [
  { value: '', label: 'Everything' },
  ...Object.entries(lookWords).map(([value, label]) => ({ value, label })),
];

const outcomes = [
  { value: '', label: 'Every outcome' },
  ...Object.entries(outcomeWords).map(([value, label]) => ({ value, label })),
];

/** Without the filters that were taken away, so that the address is short. */
function defined(filters: Change): AccessSearch {
  return Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== undefined));
}
