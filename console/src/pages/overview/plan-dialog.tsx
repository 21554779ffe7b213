/** Which definitions a change is about, what it would move, and how it is carried out. */
import { Button, Modal } from '@mantine/core';
import { useFormats, useNow } from '../../format/use-formats.ts';
import { CopyButton } from '../../parts/copy-button.tsx';
import dialog from '../../parts/dialog.module.css';
import { Differences } from '../../parts/differences.tsx';
import { differencesOf } from '../../parts/differences-of.ts';
import { MovesTable } from '../../parts/moves-table.tsx';
import { useAuthorWords } from '../../parts/use-author-words.ts';
import type { Overview } from '../../parts/use-overview.ts';
import { askerWords } from './asker-words.ts';

interface PlanParts {
  readonly plan: Overview['waiting']['plans'][number];
  readonly onClose: () => void;
}

export function PlanDialog({ plan, onClose }: PlanParts) {
  const { id, expires_at, flows, changes = [] } = plan;
  const formats = useFormats();
  const nowMs = useNow();
  const authorWords = useAuthorWords();
  return (
    <Modal
      opened
      onClose={onClose}
      title="A change of flows waits"
      size={640}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <div className={dialog.form}>
        <p className={dialog.words}>
          {`${askerWords(plan, authorWords)} asked for it. It can be approved until ${formats.whenInText(expires_at, nowMs)}, by somebody else.`}
        </p>
        {changes.map((change) => (
          <Changed change={change} key={`${change.action} ${change.target}`} />
        ))}
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

/** Which definition changes, from what to what. */
function Changed({ change: { action, target, before, after } }: { readonly change: Change }) {
  const [object = '', verb = ''] = action.split('.');
  return (
    <section>
      <h3 className={dialog.words}>
        {`${verbWords[verb] ?? verb} the ${object.replaceAll('_', ' ')} `}
        <strong>{target}</strong>
      </h3>
      <Differences differences={differencesOf(before, after)} isNew={before === null} />
    </section>
  );
}

type Change = NonNullable<PlanParts['plan']['changes']>[number];

const verbWords: Readonly<Record<string, string>> = {
  create: 'Creates',
  edit: 'Changes',
  update: 'Changes',
  remove: 'Removes',
  delete: 'Removes',
  set: 'Sets',
};
