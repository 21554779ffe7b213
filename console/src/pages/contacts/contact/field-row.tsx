/** One field of a contact: its name, its value, what is unusual about it, and who may see it. */
import { Badge } from '../../../parts/badge.tsx';
import { FieldName } from '../../../parts/field-name.tsx';
import { FieldValue } from '../../../parts/field-value.tsx';
import { MaskedField } from '../../../parts/masked-field.tsx';
import styles from './fields-card.module.css';
import type { ExplainedField, Field } from './use-contact.ts';

interface FieldRowParts {
  readonly explained: ExplainedField;
  /** Its settings, if the user may see them. */
  readonly field: Field | undefined;
  readonly contactId: string;
}

export function FieldRow({ explained, field, contactId }: FieldRowParts) {
  return (
    <div className={styles.row}>
      <dt className={styles.name}>
        <FieldName name={explained.field} />
      </dt>
      <dd className={styles.value}>
        <Shown explained={explained} field={field} contactId={contactId} />
      </dd>
      <dd className={styles.flags}>
        {field?.content === true && <Badge tone="accent">Content</Badge>}
        {field?.content === false && field.condition && (
          <span className={styles.condition}>Condition</span>
        )}
      </dd>
    </div>
  );
}

function Shown({ explained, field, contactId }: FieldRowParts) {
  const { field: name, value, from, overrode } = explained;
  if (explained.masked === true) {
    return <MaskedField contactId={contactId} field={name} sensitivity={field?.sensitivity} />;
  }
  if (from === 'hidden') {
    return <span className={styles.none}>hidden: neither look-ups nor rules use it</span>;
  }
  return (
    <>
      <FieldValue value={value} field={field} />
      <Remark from={from} value={value} />
      {overrode.length > 0 && (
        <Badge tone="outline">
          {overrode.length === 1
            ? 'another value does not count'
            : `${overrode.length} other values do not count`}
        </Badge>
      )}
    </>
  );
}

/** What is unusual about a value. */
function Remark({ from, value }: Pick<ExplainedField, 'from' | 'value'>) {
  if (from === 'implied' && value !== null) return <Badge tone="outline">implied, no value</Badge>;
  if (from === 'amended') return <Badge tone="outline">set by a person</Badge>;
  if (from === 'stale') return <Badge tone="decide">stale</Badge>;
  if (from === 'withheld') return <Badge tone="bad">withheld, too old</Badge>;
  if (from === 'approximate') return <Badge tone="decide">computed without an old value</Badge>;
  return null;
}
