/** The fields of one dataset: a head with its age, then a row for each field. */
import { UnstyledButton } from '@mantine/core';
import { IconChevronDown } from '@tabler/icons-react';
import { useState } from 'react';
import { FreshnessBadge } from '../../../parts/freshness-badge.tsx';
import { FieldRow } from './field-row.tsx';
import styles from './fields-card.module.css';
import { type FieldsOfOne, isBare } from './group-fields.ts';
import type { Explanation, Field } from './use-contact.ts';
import { useMaxAge } from './use-max-age.ts';

interface GroupParts {
  readonly group: FieldsOfOne;
  readonly fields: ReadonlyMap<string, Field>;
  /** Whether also fields without a value are shown from the start. */
  readonly isWhole: boolean;
  readonly contact: Explanation;
}

export function FieldGroup({ group, fields, isWhole, contact }: GroupParts) {
  const [isOpen, setOpen] = useState(false);
  const full = group.fields.filter((field) => !isBare(field));
  const shown = isWhole || isOpen ? group.fields : full;
  const left = group.fields.length - shown.length;
  return (
    <section aria-label={group.label}>
      <GroupHead group={group} />
      <dl>
        {shown.map((field) => (
          <FieldRow
            key={field.field}
            explained={field}
            field={fields.get(field.field)}
            contactId={contact.contact_id ?? ''}
          />
        ))}
      </dl>
      {left > 0 && (
        <UnstyledButton className={styles.more} onClick={() => setOpen(true)}>
          <IconChevronDown size={16} stroke={1.6} aria-hidden />
          {full.length === 0 ? left : `${left} more`} without a value
        </UnstyledButton>
      )}
    </section>
  );
}

function GroupHead({ group }: Pick<GroupParts, 'group'>) {
  const maxAgeMs = useMaxAge(group.dataset);
  const { label, source, run, dataset, asOf } = group;
  const facts = [source, run === null ? '' : `run ${run.slice(0, 4)}`];
  return (
    <header className={styles.group}>
      <p className={styles.groupCell}>
        <strong>{label}</strong>
        <span className={styles.third}>{facts.filter((fact) => fact !== '').join(', ')}</span>
      </p>
      {dataset !== null && asOf !== null && <FreshnessBadge asOf={asOf} maxAgeMs={maxAgeMs} />}
    </header>
  );
}
