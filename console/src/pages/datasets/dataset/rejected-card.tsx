/** The rows that a run rejected: where, which column, and why. Never a value. */
import { Button } from '@mantine/core';
import { useInfiniteQuery, useMutation } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import type { ApiProblem } from '../../../api/api-problem.ts';
import { call, type Downloaded, download } from '../../../api/call.ts';
import type { AnswerOf } from '../../../api/operation-types.ts';
import type { DatasetStatus, Run } from '../../../api/page-entries.ts';
import { useFormats } from '../../../format/use-formats.ts';
import { wordOf } from '../../../format/word-of.ts';
import { announce } from '../../../parts/announcer.tsx';
import { Card } from '../../../parts/card.tsx';
import { EmptyState } from '../../../parts/empty-state.tsx';
import { type FoldColumn, FoldTable } from '../../../parts/fold-table.tsx';
import table from '../../../parts/plain-table.module.css';
import { ProblemCard } from '../../../parts/problem-card.tsx';
import { ProblemLine } from '../../../parts/problem-line.tsx';
import { codeWords, sentenceOf } from '../../../parts/rejection-words.ts';
import { saveFile } from '../../../parts/save-file.ts';
import { SkeletonRows } from '../../../parts/skeleton.tsx';
import { useRuns } from '../use-datasets.ts';
import styles from './dataset.module.css';

type Rejections = AnswerOf<'GET /admin/v1/runs/{id}/rejections'>;
type RejectedRow = Rejections['data'][number];
type Code = RejectedRow['code'];

export function RejectedCard({ status }: { readonly status: DatasetStatus }) {
  const { run: asked } = useSearch({ from: '/inside/datasets/$name' });
  const { data: runs } = useRuns(status.dataset);
  if (runs === undefined) {
    return (
      <Card title="Rejected rows">
        <SkeletonRows count={5} />
      </Card>
    );
  }
  const run = runs.data.find(({ run_id, rejected }) =>
    asked === undefined ? rejected > 0 : run_id === asked,
  );
  if (run === undefined || run.rejected === 0) {
    return (
      <Card title="Rejected rows">
        <EmptyState title="No row was rejected">
          A row that cannot be used is listed here, with its number, column and reason.
        </EmptyState>
      </Card>
    );
  }
  return <Rejected run={run} key={run.run_id} />;
}

function Rejected({ run }: { readonly run: Run }) {
  const [code, setCode] = useState<Code>();
  const formats = useFormats();
  const { run_id: id, rejected, rejections } = run;
  const { data, error, refetch, fetchNextPage, hasNextPage, isFetchingNextPage } = useInfiniteQuery<
    Rejections,
    ApiProblem
  >({
    queryKey: ['rejections', id, code],
    queryFn: ({ pageParam, signal }) =>
      call(
        'GET /admin/v1/runs/{id}/rejections',
        { params: { id }, query: { ...query(code, pageParam), limit: 100 } },
        signal,
      ),
    initialPageParam: undefined,
    getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <Card
      title="Rejected rows"
      note={`run ${id.slice(0, 4)}, ${formats.count(rejected)} ${rejected === 1 ? 'row' : 'rows'}`}
      actions={<Codes counts={rejections} current={code} onChange={setCode} />}
      foot={
        <>
          {`The next run tries them again. The list holds at most ${formats.count(maxListed)} rows. `}
          <Link className={styles.inText} to="." search={{ tab: 'definition' }}>
            How the columns are read
          </Link>
          <DownloadButton runId={id} code={code} />
        </>
      }
    >
      {error !== null && <ProblemCard error={error} onRetry={() => void refetch()} />}
      {data === undefined && error === null && <SkeletonRows count={5} />}
      {data !== undefined && <Rows rows={data.pages.flatMap((page) => page.data)} />}
      {hasNextPage && (
        <p className={styles.version}>
          <Button loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            Show more
          </Button>
        </p>
      )}
    </Card>
  );
}

function DownloadButton({
  runId,
  code,
}: {
  readonly runId: string;
  readonly code: Code | undefined;
}) {
  const save = useMutation<Downloaded, ApiProblem>({
    mutationFn: () =>
      download('POST /admin/v1/runs/{id}/rejections/export', {
        params: { id: runId },
        body: { format: 'csv', ...(code === undefined ? {} : { code }) },
      }),
    onSuccess: ({ name, content }) => {
      saveFile(name, content);
      announce('The file is saved');
    },
  });
  return (
    <span className={styles.download}>
      {save.error !== null && <ProblemLine error={save.error} />}
      <Button
        variant="subtle"
        data-size="compact"
        loading={save.isPending}
        onClick={() => save.mutate()}
      >
        Download rejections.csv
      </Button>
    </span>
  );
}

/** As many as a run notes. */
const maxListed = 100_000;

function query(code: Code | undefined, cursor: unknown) {
  return {
    ...(code === undefined ? {} : { code }),
    ...(typeof cursor === 'string' ? { cursor } : {}),
  };
}

function Codes({
  counts,
  current,
  onChange,
}: {
  readonly counts: Readonly<Record<string, number>>;
  readonly current: Code | undefined;
  readonly onChange: (code: Code | undefined) => void;
}) {
  const formats = useFormats();
  return (
    <div className={styles.chips}>
      {Object.entries(counts).map(([code, count]) => {
        const isCurrent = code === current;
        return (
          <Button
            key={code}
            data-size="compact"
            aria-pressed={isCurrent}
            variant={isCurrent ? 'filled' : 'default'}
            onClick={() => onChange(isCurrent ? undefined : (code as Code))}
          >
            {`${wordOf(codeWords, code)} ${formats.count(count)}`}
          </Button>
        );
      })}
    </div>
  );
}

function Rows({ rows }: { readonly rows: Rejections['data'] }) {
  const formats = useFormats();
  const hasFiles = rows.some(({ file }) => file !== null);
  const columns: readonly FoldColumn<RejectedRow>[] = [
    ...(hasFiles
      ? [{ id: 'file', head: 'File', folds: true, cell: ({ file }: RejectedRow) => file }]
      : []),
    {
      ...{ id: 'row', head: 'Row', isNumber: true },
      cell: ({ row }) => (row === null ? '' : formats.count(row)),
    },
    {
      ...{ id: 'column', head: 'Column' },
      cell: ({ column }) =>
        column === null ? <span className={table.third}>the row</span> : <code>{column}</code>,
    },
    { id: 'why', head: 'Why', cell: ({ reason }) => sentenceOf(reason) },
    { id: 'code', head: 'Code', folds: true, cell: ({ code }) => <code>{code}</code> },
  ];
  // A row may be listed twice.
  return <FoldTable columns={columns} entries={rows} keyOf={(_row, place) => String(place)} />;
}
