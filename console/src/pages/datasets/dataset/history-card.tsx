/** Who changed the definition, when, and what; and the way back to an earlier one. */
import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import type { ApiProblem } from '../../../api/api-problem.ts';
import type { DatasetDefinition, DatasetVersion } from '../../../api/page-entries.ts';
import { useFormats, useNow } from '../../../format/use-formats.ts';
import { announce } from '../../../parts/announcer.tsx';
import { Card } from '../../../parts/card.tsx';
import { Differences } from '../../../parts/differences.tsx';
import { EmptyState } from '../../../parts/empty-state.tsx';
import { ProblemCard } from '../../../parts/problem-card.tsx';
import { SkeletonRows } from '../../../parts/skeleton.tsx';
import { type Undoable, UndoToast } from '../../../parts/undo-toast.tsx';
import { useAuthorWords } from '../../../parts/use-author-words.ts';
import { useMay } from '../../../session/session-context.tsx';
import { readAgain } from '../use-datasets.ts';
import styles from './dataset.module.css';
import { asBefore, droppedFields } from './definition-draft.ts';
import { definitionWords } from './definition-words.ts';
import { DropDialog } from './drop-dialog.tsx';
import { putDefinition, useDefinition, useVersions } from './use-definition.ts';

interface Replacement {
  readonly definition: DatasetDefinition;
  /** Of the definition that is replaced. */
  readonly tag: string | undefined;
  /** Although callers read what is lost. */
  readonly force: boolean;
}

export function HistoryCard({ name }: { readonly name: string }) {
  const { data, error, refetch } = useVersions(name);
  const [done, setDone] = useState<Undoable>();
  const client = useQueryClient();
  const [asked, setAsked] = useState<DatasetVersion>();
  const tag = useDefinition(name).data?.tag;
  const save = useMutation<string | undefined, ApiProblem, Replacement>({
    mutationFn: ({ definition, tag: ifMatch, force }) =>
      putDefinition(name, { definition: asBefore(definition), force }, ifMatch),
    onSettled: () => readAgain(client, name),
  });
  const forget = useCallback(() => setDone(undefined), []);
  const mayWrite = useMay('datasets:write');
  if (data === undefined) {
    if (error !== null) return <ProblemCard error={error} onRetry={() => void refetch()} />;
    return (
      <Card title="History">
        <SkeletonRows count={5} />
      </Card>
    );
  }
  const [newest] = data.data;
  const dropped = asked && newest ? droppedFields(newest.definition, asked.definition) : [];
  const goBack = (version: DatasetVersion, isDrop = false) =>
    save.mutate(
      { definition: version.definition, tag, force: isDrop },
      {
        onSuccess: (saved) => {
          const words = `Version ${version.version} counts again`;
          announce(words);
          setAsked(undefined);
          if (newest === undefined) return;
          const before = newest.definition;
          const undo = () => save.mutate({ definition: before, tag: saved, force: true });
          setDone({ words, undo: isDrop ? undefined : undo });
        },
      },
    );
  const goOn = (version: DatasetVersion) => {
    const isDrop =
      newest !== undefined && droppedFields(newest.definition, version.definition).length > 0;
    if (isDrop) setAsked(version);
    else goBack(version);
  };
  return (
    <>
      {asked !== undefined && (
        <DropDialog
          {...{ dataset: name, fields: dropped, isPending: save.isPending, error: save.error }}
          onConfirm={() => goBack(asked, true)}
          onClose={() => setAsked(undefined)}
        />
      )}
      {save.error !== null && <ProblemCard error={save.error} />}
      <Card title="History" note="The newest first. Going back is a change like any other.">
        {data.data.length === 0 && <EmptyState title="No change yet" />}
        {data.data.map((version) => (
          <Version
            key={version.version}
            version={version}
            onBack={
              mayWrite && version !== newest && !save.isPending ? () => goOn(version) : undefined
            }
          />
        ))}
      </Card>
      <UndoToast done={done} onOver={forget} />
    </>
  );
}

function Version({
  version,
  onBack,
}: {
  readonly version: DatasetVersion;
  readonly onBack: (() => void) | undefined;
}) {
  const formats = useFormats();
  const nowMs = useNow();
  const authorWords = useAuthorWords();
  const { version: number, author, author_name: name, committed_at: at, differences } = version;
  return (
    <div className={styles.version}>
      <div className={styles.versionHead}>
        <h3>{`Version ${number}`}</h3>
        <span
          className={styles.third}
        >{`${authorWords(author, name)}, ${formats.whenInText(at, nowMs)}`}</span>
        {onBack !== undefined && (
          <Button data-size="compact" onClick={onBack}>{`Go back to version ${number}`}</Button>
        )}
      </div>
      {number === 1 ? (
        <p className={styles.third}>The first definition.</p>
      ) : (
        <Differences differences={differences} words={definitionWords(formats)} />
      )}
    </div>
  );
}
