/** All looks at a contact: who, what, which fields, from where, when. Never the values. */
import { Button } from '@mantine/core';
import { IconKey, IconUser } from '@tabler/icons-react';
import { useMemo } from 'react';
import type { Formats } from '../../../format/formats.ts';
import { useFormats, useNow } from '../../../format/use-formats.ts';
import { Badge } from '../../../parts/badge.tsx';
import { Card } from '../../../parts/card.tsx';
import { DataTable, type TableColumn } from '../../../parts/data-table.tsx';
import { EmptyState } from '../../../parts/empty-state.tsx';
import { ProblemCard } from '../../../parts/problem-card.tsx';
import { SkeletonRows } from '../../../parts/skeleton.tsx';
import { didWords, fieldWords } from './look-words.ts';
import { type Look, type Looker, useLookers, useLooks } from './use-looks.ts';
import styles from './who-looked.module.css';

interface NumberedLook extends Look {
  /** Its place in the list: looks of one moment are alike. */
  readonly place: number;
}

export function WhoLookedTab({ id }: { readonly id: string }) {
  const looks = useLooks(id);
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = looks;
  const formats = useFormats();
  const nowMs = useNow();
  const lookers = useLookers();
  const columns = useMemo(() => columnsOf({ formats, nowMs, lookers }), [formats, lookers, nowMs]);
  if (data === undefined) {
    if (error !== null) return <ProblemCard error={error} onRetry={() => void refetch()} />;
    return (
      <Card title="Who looked">
        <SkeletonRows count={6} />
      </Card>
    );
  }
  const entries = data.pages
    .flatMap((page) => page.data)
    .map((look, place): NumberedLook => ({ ...look, place }));
  return (
    <Card
      title="Who looked"
      note="at whom, and at which fields. Never the values."
      foot={`${formats.count(entries.length)} shown, the newest first`}
      actions={
        hasNextPage && (
          <Button loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            Older
          </Button>
        )
      }
    >
      {entries.length === 0 ? (
        <EmptyState title="Nobody has looked yet" />
      ) : (
        <DataTable
          label="Who looked"
          columns={columns}
          entries={entries}
          keyOf={({ place }) => String(place)}
        />
      )}
    </Card>
  );
}

interface ColumnParts {
  readonly formats: Formats;
  readonly nowMs: number;
  readonly lookers: (actor: string) => Looker;
}

function columnsOf({ formats, nowMs, lookers }: ColumnParts): TableColumn<NumberedLook>[] {
  return [
    {
      id: 'who',
      head: 'Who',
      sortBy: ({ actor }) => lookers(actor).name,
      cell: (look) => <Who look={look} looker={lookers(look.actor)} />,
    },
    {
      id: 'did',
      head: 'Did',
      width: '120px',
      sortBy: (look) => didWords(look).words,
      cell: (look) => {
        const { words, tone } = didWords(look);
        return <Badge tone={tone}>{words}</Badge>;
      },
    },
    {
      id: 'fields',
      head: 'Fields',
      folds: true,
      cell: (look) => <code>{fieldWords(look)}</code>,
    },
    { id: 'reason', head: 'Reason', folds: true, cell: ({ remark }) => remark ?? '' },
    {
      id: 'from',
      head: 'From',
      folds: true,
      width: '140px',
      cell: ({ address }) => <code className={styles.note}>{address}</code>,
    },
    {
      id: 'when',
      head: 'When',
      isNumber: true,
      width: '170px',
      sortBy: ({ at }) => Date.parse(at),
      cell: ({ at }) => <time dateTime={at}>{formats.when(at, nowMs)}</time>,
    },
  ];
}

function Who({ look, looker }: { readonly look: Look; readonly looker: Looker }) {
  const Icon = looker.isPerson ? IconUser : IconKey;
  return (
    <span className={styles.who}>
      <Icon
        className={styles.icon}
        data-person={looker.isPerson}
        size={16}
        stroke={1.6}
        aria-hidden
      />
      <span>
        <strong>{looker.name}</strong> <span className={styles.note}>{looker.note}</span>
        {look.claimed_actor !== null && (
          <span className={styles.second}>for {look.claimed_actor}, as the caller says</span>
        )}
      </span>
    </span>
  );
}
