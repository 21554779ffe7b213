/** What waits for a decision: runs, changes of flows, and tokens that end while they are in use. */
import { Button } from '@mantine/core';
import {
  IconArrowsSplit,
  IconCircleCheck,
  IconDatabase,
  IconKey,
  type TablerIcon,
} from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import { ageWords } from '../../format/ages.ts';
import { useFormats, useNow } from '../../format/use-formats.ts';
import { Badge } from '../../parts/badge.tsx';
import { Card } from '../../parts/card.tsx';
import { saidCauses } from '../../parts/cause-words.ts';
import { useAuthorWords } from '../../parts/use-author-words.ts';
import type { Overview } from '../../parts/use-overview.ts';
import { askerWords } from './asker-words.ts';
import { failureWords } from './failure-words.ts';
import styles from './overview.module.css';

/** Opened by a button alone. */
const PlanDialog = lazy(async () => ({ default: (await import('./plan-dialog.tsx')).PlanDialog }));
const CallersDialog = lazy(async () => ({
  default: (await import('./callers-dialog.tsx')).CallersDialog,
}));

export function WaitingCard({ overview: { waiting } }: { readonly overview: Overview }) {
  // Nodes of earlier releases name no datasets.
  const { runs, plans, tokens, datasets = [] } = waiting;
  const count = runs.length + plans.length + tokens.length + datasets.length;
  return (
    <Card
      title="Waiting for you"
      note={count === 0 ? undefined : <Badge tone="decide">{String(count)}</Badge>}
    >
      {count === 0 && (
        <p className={styles.calm}>
          <IconCircleCheck size={17} stroke={1.6} aria-hidden />
          Nothing. Runs that stopped before writing, and changes that need approval, show here.
        </p>
      )}
      {runs.map((run) => (
        <WaitingRun run={run} key={run.run_id} />
      ))}
      {plans.map((plan) => (
        <WaitingPlan plan={plan} key={plan.id} />
      ))}
      {datasets.map((troubled) => (
        <TroubledDataset troubled={troubled} key={troubled.dataset} />
      ))}
      {tokens.map((token) => (
        <EndingToken token={token} key={token.id} />
      ))}
    </Card>
  );
}

type Waiting = Overview['waiting'];
type Troubled = NonNullable<Waiting['datasets']>[number];
type WaitingFlow = Waiting['plans'][number]['flows'][number];

function WaitingRun({ run }: { readonly run: Waiting['runs'][number] }) {
  const nowMs = useNow();
  const formats = useFormats();
  const { run_id, dataset, ended_at, started_at } = run;
  return (
    <Item
      icon={IconDatabase}
      words={
        <>
          <strong>{dataset}</strong> run {run_id.slice(0, 4)} stopped before writing
        </>
      }
      reason={saidCauses(run, formats)
        .map(({ words }) => words)
        .join(' ')}
      when={formats.when(ended_at ?? started_at, nowMs).replace(/^Today /, '')}
      action={
        <Button
          renderRoot={(props) => (
            <Link to="/datasets/$name" params={{ name: dataset }} {...props} />
          )}
        >
          Review run
        </Button>
      }
    />
  );
}

function WaitingPlan({ plan }: { readonly plan: Waiting['plans'][number] }) {
  const authorWords = useAuthorWords();
  const nowMs = useNow();
  const formats = useFormats();
  const [isOpen, setOpen] = useState(false);
  const [flow] = plan.flows;
  const [change] = plan.changes ?? [];
  if (flow === undefined) return null;
  return (
    <Item
      icon={IconArrowsSplit}
      words={
        <>
          <strong>{flow.name}</strong>: a change waits
          {change !== undefined && ` (${change.action.split('.')[0]?.replaceAll('_', ' ')} `}
          {change !== undefined && <strong>{change.target}</strong>}
          {change !== undefined && ')'}
        </>
      }
      reason={`${aboutWords(flow)}${formats.count(flow.moved)} of ${formats.count(flow.members)} members would move. ${askerWords(plan, authorWords)} asked for it.`}
      when={formats.when(plan.created_at, nowMs).replace(/^Today /, '')}
      action={
        <>
          <Button onClick={() => setOpen(true)}>Review change</Button>
          {isOpen && (
            <Suspense>
              <PlanDialog plan={plan} onClose={() => setOpen(false)} />
            </Suspense>
          )}
        </>
      }
    />
  );
}

function TroubledDataset({ troubled }: { readonly troubled: Troubled }) {
  const nowMs = useNow();
  const formats = useFormats();
  const { dataset, trouble, since, next_try_at: next } = troubled;
  const nextWords = next === null ? '' : formats.whenInText(next, nowMs);
  return (
    <Item
      icon={IconDatabase}
      words={
        <>
          <strong>{dataset}</strong> {troubleWords[trouble]}
        </>
      }
      reason={reasonWords(troubled, nextWords)}
      when={since === null ? '' : formats.when(since, nowMs).replace(/^Today /, '')}
      action={
        <Button
          renderRoot={(props) => (
            <Link to="/datasets/$name" params={{ name: dataset }} {...props} />
          )}
        >
          Open dataset
        </Button>
      }
    />
  );
}

const troubleWords: Readonly<Record<Troubled['trouble'], string>> = {
  run_failed: 'could not be synced',
  run_interrupted: 'was interrupted',
  no_rows: 'has brought no row yet',
};

function reasonWords(troubled: Troubled, next: string): string {
  const { trouble, source, error_code: code, paused_by: pausedBy } = troubled;
  if (trouble === 'no_rows' && source === 'push') return 'Its rows are pushed, and none has come.';
  const why = failureWords(code);
  const after =
    next !== ''
      ? `It is tried again ${next}.`
      : pausedBy === null
        ? 'Nothing tries it by itself.'
        : 'Its schedule is paused.';
  return why === undefined ? after : `${sentence(why)}. ${after}`;
}

function aboutWords({ moved_at_least: from, moved_at_most: to }: WaitingFlow): string {
  return from === to ? '' : 'About ';
}

function sentence(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function EndingToken({ token }: { readonly token: Waiting['tokens'][number] }) {
  const nowMs = useNow();
  const formats = useFormats();
  const [isOpen, setOpen] = useState(false);
  const left = Math.max(0, Date.parse(token.expires_at) - nowMs);
  return (
    <Item
      icon={IconKey}
      tone="accent"
      words={
        <>
          Token <strong>{token.name ?? 'without a name'}</strong>{' '}
          <code>…{token.last_characters}</code> ends in {ageWords(left)} and is still in use
        </>
      }
      reason={`Last used ${ageWords(nowMs - Date.parse(token.last_used_at))} ago.`}
      when={formats.when(token.expires_at, nowMs)}
      action={
        <>
          <Button onClick={() => setOpen(true)}>See callers</Button>
          {isOpen && (
            <Suspense>
              <CallersDialog token={token} onClose={() => setOpen(false)} />
            </Suspense>
          )}
        </>
      }
    />
  );
}

function Item({
  icon: Icon,
  tone = 'decide',
  words,
  reason,
  when,
  action,
}: {
  readonly icon: TablerIcon;
  readonly tone?: 'decide' | 'accent';
  readonly words: ReactNode;
  readonly reason: string;
  readonly when: string;
  readonly action?: ReactNode;
}) {
  return (
    <div className={styles.waiting}>
      <span className={styles.sign} data-tone={tone} aria-hidden>
        <Icon size={16} stroke={1.6} />
      </span>
      <div className={styles.what}>
        <p>{words}</p>
        <p className={styles.second}>{reason}</p>
      </div>
      <span className={styles.when}>{when}</span>
      {action}
    </div>
  );
}
