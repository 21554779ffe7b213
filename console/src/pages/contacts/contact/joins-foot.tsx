/** What joined and parted a contact, the newest first, and the way to take it back. */
import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ApiProblem } from '../../../api/api-problem.ts';
import { call } from '../../../api/call.ts';
import { useFormats, useNow } from '../../../format/use-formats.ts';
import { wordOf } from '../../../format/word-of.ts';
import { ConfirmDialog } from '../../../parts/confirm-dialog.tsx';
import { identityWords } from '../../../parts/identity-chip.tsx';
import { useAuthorWords } from '../../../parts/use-author-words.ts';
import { useMay } from '../../../session/session-context.tsx';
import styles from './identities-card.module.css';
import type { Explanation } from './use-contact.ts';

type Join = Explanation['joins'][number];

export function JoinsFoot({ contact: { joins } }: { readonly contact: Explanation }) {
  return joins.map((join) => <JoinLine join={join} key={join.entry} />);
}

function JoinLine({ join }: { readonly join: Join }) {
  const formats = useFormats();
  const nowMs = useNow();
  const authorWords = useAuthorWords();
  const mayPart = useMay('contacts:write');
  const [isAsking, setAsking] = useState(false);
  const canPart = (join.kind === 'join' || join.kind === 'merge') && !join.taken_back;
  return (
    <div className={styles.join}>
      <p>
        {wordOf(kindWords, join.kind)} {formats.whenInText(join.at, nowMs)}
        {join.identity !== null && (
          <>
            {' '}
            by <code>{identityWords(join.identity)}</code>
          </>
        )}
        {join.dataset !== null && `, rows of ${join.dataset}`}
        {join.by !== null && `, by ${authorWords(join.by)}`}
        {join.taken_back && ', taken back since'}
      </p>
      {canPart && mayPart && <Button onClick={() => setAsking(true)}>Part…</Button>}
      {isAsking && <PartDialog join={join} onClose={() => setAsking(false)} />}
    </div>
  );
}

function PartDialog({ join, onClose }: { readonly join: Join; readonly onClose: () => void }) {
  const client = useQueryClient();
  const part = useMutation<unknown, ApiProblem>({
    mutationFn: () => call('POST /admin/v1/contacts/unmerge', { body: { entry: join.entry } }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['contact'] });
      onClose();
    },
  });
  return (
    <ConfirmDialog
      title="Part these contacts"
      effects={[
        'What was joined becomes two contacts again, with the rows that name each.',
        'The same rows do not join them again.',
        'Look-ups see it at once.',
      ]}
      word="part"
      verb="Part"
      keepVerb="Keep"
      isPending={part.isPending}
      error={part.error}
      onConfirm={() => part.mutate()}
      onClose={onClose}
    />
  );
}

const kindWords: Readonly<Record<Join['kind'], string>> = {
  join: 'Joined',
  merge: 'Merged',
  unmerge: 'Parted',
  split: 'Split',
  storm: 'Parted with others',
};
