/** What a change of flows would move, and how it is carried out. */
import { Button, Modal } from '@mantine/core';
import { useFormats, useNow } from '../../format/use-formats.ts';
import { CopyButton } from '../../parts/copy-button.tsx';
import dialog from '../../parts/dialog.module.css';
import { MovesTable } from '../../parts/moves-table.tsx';
import { useAuthorWords } from '../../parts/use-author-words.ts';
import type { Overview } from '../../parts/use-overview.ts';

interface PlanParts {
  readonly plan: Overview['waiting']['plans'][number];
  readonly onClose: () => void;
}

export function PlanDialog({ plan: { id, author, expires_at, flows }, onClose }: PlanParts) {
  const formats = useFormats();
  const nowMs = useNow();
  const authorWords = useAuthorWords();
  return (
    <Modal
      opened
      onClose={onClose}
      title="A change of flows waits"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <div className={dialog.form}>
        <p className={dialog.words}>
          {`${authorWords(author)} asked for it. It can be approved until ${formats.whenInText(expires_at, nowMs)}, by somebody else.`}
        </p>
        <MovesTable moves={flows} />
        <p className={dialog.words}>
          To approve it, send the same change again with this plan: <code>{`--plan ${id}`}</code> at
          the command line, the member <code>plan</code> over HTTP.
        </p>
        <div className={dialog.buttons}>
          <CopyButton text={id} label="Copy the plan" />
          <Button data-autofocus onClick={onClose}>
            Close
          </Button>
        </div>
      </div>
    </Modal>
  );
}
