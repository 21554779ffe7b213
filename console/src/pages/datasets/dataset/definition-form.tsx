/** The settings of a definition: what identifies, what becomes of gone rows, ages and guards. */
import { NumberInput, Select, TextInput } from '@mantine/core';
import type { FormFaults } from '../../../api/problem-words.ts';
import styles from '../../../parts/define.module.css';
import { IdentityKeys } from '../../../parts/identity-keys.tsx';
import { type DefinitionDraft, newTypeFor } from './definition-draft.ts';
import { modeWords, policyWords } from './definition-words.ts';

interface FormParts {
  readonly draft: DefinitionDraft;
  readonly knownTypes: readonly string[];
  readonly onChange: (draft: DefinitionDraft) => void;
}

/** The inputs that say themselves what is wrong with them. */
export const definitionPaths = [
  '/definition/max_age/after',
  '/definition/max_change_share',
  '/definition/max_rejected_share',
];

export function DefinitionForm({
  draft,
  knownTypes,
  faults,
  onChange,
}: FormParts & { readonly faults: FormFaults }) {
  const set = (change: Partial<DefinitionDraft>) => onChange({ ...draft, ...change });
  const share = (value: string | number, kept: number) =>
    typeof value === 'number' ? value : kept;
  return (
    <>
      <div className={styles.form}>
        <Select
          label="A row that is gone"
          data={modes.filter(({ value }) => value !== 'incremental' || draft.mode === value)}
          value={draft.mode}
          onChange={(mode) => mode !== null && set({ mode })}
        />
        <TextInput
          label="Too old after"
          description="Such as 36h or 7d. Empty: never"
          value={draft.maxAge}
          error={faults.at('/definition/max_age/after')}
          onChange={(event) => set({ maxAge: event.currentTarget.value })}
        />
        <Select
          label="Then look-ups"
          data={policies}
          value={draft.policy}
          disabled={draft.maxAge.trim() === ''}
          onChange={(policy) => policy !== null && set({ policy })}
        />
        <NumberInput
          label="May change without approval"
          suffix=" % of the contacts"
          min={0}
          max={100}
          value={draft.changeShare}
          error={faults.at('/definition/max_change_share')}
          onChange={(value) => set({ changeShare: share(value, draft.changeShare) })}
        />
        <NumberInput
          label="First run may reject"
          suffix=" % of the rows"
          min={0}
          max={100}
          value={draft.rejectedShare}
          error={faults.at('/definition/max_rejected_share')}
          onChange={(value) => set({ rejectedShare: share(value, draft.rejectedShare) })}
        />
      </div>
      <IdentityKeys
        keys={draft.keys}
        knownTypes={knownTypes}
        typeFor={newTypeFor}
        onChange={(keys) => onChange({ ...draft, keys })}
      />
    </>
  );
}

const optionsOf = (words: Readonly<Record<string, string>>) =>
  Object.entries(words).map(([value, label]) => ({ value, label }));

const modes = optionsOf(modeWords);
const policies = optionsOf(policyWords);
