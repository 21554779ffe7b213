/** The runs of a dataset, the newest first, with what can be done about the last of them. */
import { Link } from '@tanstack/react-router';
import type { Run } from '../../api/page-entries.ts';
import type { Formats } from '../../format/formats.ts';
import { useFormats, useNow } from '../../format/use-formats.ts';
import { BreakingText } from '../../parts/breaking-text.tsx';
import { type FoldColumn, FoldTable } from '../../parts/fold-table.tsx';
import table from '../../parts/plain-table.module.css';
import { useNarrow } from '../../parts/use-narrow.ts';
import { useMay } from '../../session/session-context.tsx';
import { RollBack } from './roll-back.tsx';
import { RunAgain } from './run-again.tsx';
import { RunState } from './run-state.tsx';
import { brokeOff, findUndoable, wroteWords } from './run-words.ts';

interface RunsTableParts {
  readonly runs: readonly Run[];
  /** Whether the runs are of several datasets. */
  readonly hasDataset: boolean;
  /** Whether all newest runs of one dataset are there. Else it is not known which is the last. */
  readonly isWhole: boolean;
}

export function RunsTable({ runs, hasDataset, isWhole }: RunsTableParts) {
  const formats = useFormats();
  const nowMs = useNow();
  const isNarrow = useNarrow();
  const mayDecide = useMay('runs:approve');
  const mayRun = useMay('datasets:write');
  const mayAct = isWhole && (mayDecide || mayRun);
  const [newest] = runs;
  const undoable = mayDecide && newest?.state !== 'running' ? findUndoable(runs) : undefined;
  const count = (id: string, head: string, of: (run: Run) => number): FoldColumn<Run> => {
    return {
      id,
      head,
      isNumber: true,
      folds: id !== 'changed',
      // What a run that broke off had counted is lost.
      cell: (run) => (brokeOff(run) && run.rows_read === 0 ? '–' : formats.count(of(run))),
    };
  };
  const columns: readonly FoldColumn<Run>[] = [
    { id: 'run', head: 'Run', cell: ({ run_id: id }) => <code>{id.slice(0, 4)}</code> },
    ...(hasDataset
      ? [{ id: 'dataset', head: 'Dataset', cell: (run: Run) => <DatasetName name={run.dataset} /> }]
      : []),
    {
      ...{ id: 'state', head: 'State' },
      cell: (run) => <State run={run} words={isNarrow ? '' : reasonOf(run, formats)} />,
    },
    // In a narrow window the column of the state has no room for sentences.
    ...(isNarrow
      ? [{ id: 'reason', head: 'Reason', folds: true, cell: (run: Run) => reasonOf(run, formats) }]
      : []),
    {
      ...{ id: 'started', head: 'Started', folds: true },
      cell: ({ started_at: at }) => <span className={table.whole}>{formats.when(at, nowMs)}</span>,
    },
    count('rows', 'Rows', ({ rows_read }) => rows_read),
    count('new', 'New', ({ added }) => added),
    count('changed', 'Changed', ({ changed }) => changed),
    count('cleared', 'Cleared', ({ cleared }) => cleared),
    {
      ...{ id: 'rejected', head: 'Rejected', isNumber: true, folds: true },
      cell: (run) => <RejectedCount run={run} />,
    },
    {
      ...{ id: 'took', head: 'Took', isNumber: true, folds: true },
      cell: ({ started_at: from, ended_at: to }) =>
        to === null ? '' : formats.took(Date.parse(to) - Date.parse(from)),
    },
    ...(mayAct
      ? [
          {
            ...{ id: 'actions', head: 'Actions', isAction: true, folds: true },
            cell: (run: Run) => (
              <>
                {mayRun && run === newest && brokeOff(run) && <RunAgain run={run} />}
                {run === undoable?.run && <RollBack {...undoable} />}
              </>
            ),
          },
        ]
      : []),
  ];
  return <FoldTable columns={columns} entries={runs} keyOf={({ run_id: id }) => id} />;
}

function reasonOf(run: Run, formats: Formats): string {
  const said = [run.error?.detail, wroteWords(run, formats)];
  return said.filter((one) => one != null).join(' ');
}

function State({ run, words }: { readonly run: Run; readonly words: string }) {
  return (
    <>
      <RunState run={run} />
      {words !== '' && (
        <span className={table.second}>
          <BreakingText text={words} />
        </span>
      )}
    </>
  );
}

function RejectedCount({ run: { run_id: id, dataset, rejected } }: { readonly run: Run }) {
  const formats = useFormats();
  if (rejected === 0 || dataset === '') return formats.count(rejected);
  return (
    <Link to="/datasets/$name" params={{ name: dataset }} search={{ tab: 'rejected', run: id }}>
      {formats.count(rejected)}
    </Link>
  );
}

function DatasetName({ name }: { readonly name: string }) {
  if (name === '') return <span className={table.third}>gone</span>;
  return (
    <Link className={table.name} to="/datasets/$name" params={{ name }}>
      <BreakingText text={name} />
    </Link>
  );
}
