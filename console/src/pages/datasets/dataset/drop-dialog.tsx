/** Asks before fields are dropped: their values go at once, and nothing brings them back. */
import type { ApiProblem } from '../../../api/api-problem.ts';
import { ConfirmDialog } from '../../../parts/confirm-dialog.tsx';

interface DropParts {
  readonly dataset: string;
  readonly fields: readonly string[];
  readonly isPending: boolean;
  readonly error: ApiProblem | null;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

export function DropDialog({ dataset, fields, ...others }: DropParts) {
  return (
    <ConfirmDialog
      {...others}
      title={fields.length === 1 ? 'Drop a field' : `Drop ${fields.length} fields`}
      effects={[
        ...fields.map((field) => `${field} loses all its values, for every contact.`),
        'This cannot be undone. A field of the same name begins empty, until a run fills it.',
      ]}
      word={dataset}
      verb="Drop"
      keepVerb="Keep"
    />
  );
}
