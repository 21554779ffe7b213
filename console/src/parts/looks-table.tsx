/** Looks at contacts: who, what, which fields, why, from where, when. Never the values. */
import { IconKey, IconUser } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { Formats } from '../format/formats.ts';
import { useFormats, useNow } from '../format/use-formats.ts';
import { Badge } from './badge.tsx';
import { DataTable, type TableColumn } from './data-table.tsx';
import { ExactTime } from './exact-time.tsx';
import { didWords, fieldWords, type Look, subjectWords } from './look-words.ts';
import styles from './looks.module.css';
import { remarkWords } from './reveal-reasons.ts';
import { type Looker, useLookers } from './use-lookers.ts';

interface NumberedLook extends Look {
  /** Its place in the list: looks of one moment are alike. */
  readonly place: number;
}

interface LooksParts {
  readonly looks: readonly Look[];
  /** Whether the looks are at different contacts, so that each says which. */
  readonly saysWhom?: boolean;
}

export function LooksTable({ looks, saysWhom = false }: LooksParts) {
  const formats = useFormats();
  const nowMs = useNow();
  const lookers = useLookers();
  const columns = useMemo(() => {
    const [who, ...others] = columnsOf({ formats, nowMs, lookers });
    return [who, ...(saysWhom ? [whom] : []), ...others];
  }, [formats, lookers, nowMs, saysWhom]);
  const entries = useMemo(
    () => looks.map((look, place): NumberedLook => ({ ...look, place })),
    [looks],
  );
  return (
    <DataTable
      label="Who looked"
      columns={columns}
      entries={entries}
      keyOf={({ place }) => String(place)}
    />
  );
}

interface ColumnParts {
  readonly formats: Formats;
  readonly nowMs: number;
  readonly lookers: (actor: string) => Looker;
}

const whom: TableColumn<NumberedLook> = {
  id: 'whom',
  head: 'Whom',
  width: '100px',
  cell: ({ subject }) => <Whom subject={subject} />,
};

function columnsOf({
  formats,
  nowMs,
  lookers,
}: ColumnParts): readonly [TableColumn<NumberedLook>, ...TableColumn<NumberedLook>[]] {
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
      folds: true,
      width: '120px',
      sortBy: (look) => didWords(look).words,
      cell: (look) => <Did look={look} />,
    },
    {
      id: 'fields',
      head: 'Fields',
      folds: true,
      cell: (look) => <code>{fieldWords(look)}</code>,
    },
    { id: 'reason', head: 'Reason', folds: true, cell: ({ remark }) => remarkWords(remark ?? '') },
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
      cell: ({ at }) => <ExactTime time={at}>{formats.moment(at, nowMs)}</ExactTime>,
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

/** The digits that `usher access list` prints, too. They tell contacts apart, and name nobody. */
function Whom({ subject }: Pick<Look, 'subject'>) {
  if (subject === null) return <span className={styles.note}>erased</span>;
  return (
    <Link
      to="/access"
      search={(filters) => ({ ...filters, subject })}
      aria-label={`Only looks at ${subjectWords(subject)}`}
    >
      <code>{subjectWords(subject)}</code>
    </Link>
  );
}

function Did({ look }: { readonly look: Look }) {
  const { words, tone } = didWords(look);
  return <Badge tone={tone}>{words}</Badge>;
}
