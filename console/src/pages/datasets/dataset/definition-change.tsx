/** What a change of a definition would do, before it is saved. */
import { Button } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { ApiProblem } from '../../../api/api-problem.ts';
import type { AnswerOf } from '../../../api/operation-types.ts';
import { useFormats } from '../../../format/use-formats.ts';
import { Card } from '../../../parts/card.tsx';
import define from '../../../parts/define.module.css';
import { Differences } from '../../../parts/differences.tsx';
import { EmptyState } from '../../../parts/empty-state.tsx';
import { hasPlan, PlanCard } from '../../../parts/plan-card.tsx';
import { ProblemCard } from '../../../parts/problem-card.tsx';
import styles from './dataset.module.css';
import { definitionWords } from './definition-words.ts';
import { DropDialog } from './drop-dialog.tsx';

export type Trial = AnswerOf<'POST /admin/v1/datasets/{name}/validate'>;

interface ChangeParts {
  readonly name: string;
  /** Fields that would go with all their values. */
  readonly dropped: readonly string[];
  readonly trial: Trial;
  /** What somebody else has changed meanwhile; `null`: nothing. */
  readonly others: ReactNode;
  readonly isPending: boolean;
  readonly error: ApiProblem | null;
  readonly onSave: (force: boolean) => void;
  readonly onBack: () => void;
}

export function DefinitionChange(parts: ChangeParts) {
  const { name, dropped, trial, others, isPending, error, onSave, onBack } = parts;
  const { differences, uses, warnings } = trial;
  const formats = useFormats();
  const [isAsked, setAsked] = useState(false);
  const isSame = differences.length === 0;
  const isOutdated = others !== null;
  const isExplained = isOutdated && error?.code === 'precondition_failed';
  return (
    <div className={styles.cards}>
      <Card title="What would change" note={isSame ? undefined : String(differences.length)}>
        {isSame ? (
          <EmptyState title="Nothing">This is the definition that counts already.</EmptyState>
        ) : (
          <div className={styles.version}>
            <Differences differences={differences} words={definitionWords(formats)} />
          </div>
        )}
        {uses.length > 0 && <Uses uses={uses} />}
        {warnings.map((warning) => (
          <p className={styles.version} key={warning}>
            {warning}
          </p>
        ))}
      </Card>
      {others}
      {isAsked && (
        <DropDialog
          {...{ dataset: name, fields: dropped, isPending, error }}
          onConfirm={() => onSave(true)}
          onClose={() => setAsked(false)}
        />
      )}
      {error !== null && !isExplained && <ProblemCard error={error} />}
      {error !== null && hasPlan(error) && <PlanCard error={error} />}
      <div className={define.buttons}>
        <Button onClick={onBack}>Back to the form</Button>
        <Button
          variant="filled"
          disabled={isSame}
          loading={isPending}
          onClick={() => (dropped.length > 0 ? setAsked(true) : onSave(uses.length > 0))}
        >
          {saveVerb(dropped.length > 0, uses.length > 0 || isOutdated)}
        </Button>
      </div>
    </div>
  );
}

function saveVerb(isDrop: boolean, isUsed: boolean): string {
  if (isDrop) return 'Save…';
  return isUsed ? 'Save anyway' : 'Save';
}

function Uses({ uses }: Pick<Trial, 'uses'>) {
  return (
    <ul className={styles.version}>
      {uses.map(({ field, change, tokens, amendments }) => (
        <li key={`${field} ${change}`}>
          <code>{field}</code> {changeWords[change] ?? change}
          {tokens.length > 0 &&
            `. Tokens read it in the last 30 days: ${tokens.map((token) => `${token.name ?? 'without a name'} …${token.last_characters}`).join(', ')}`}
          {amendments > 0 && `. ${amendments} corrected values end with the next run`}.
        </li>
      ))}
    </ul>
  );
}

const changeWords: Readonly<Record<string, string>> = {
  content_off: 'is no longer returned by look-ups',
  condition_off: 'can no longer be used by rules',
  dropped: 'is dropped, with all its values',
  retyped: 'gets another type; look-ups answer the old values until the next run reads them anew',
  relabelled: 'gets another name',
};
