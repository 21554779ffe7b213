/** A value of a contact as people read it, by the type of its field. */
import type { PageEntries } from '../api/page-entries.ts';
import { dayDistance } from '../format/ages.ts';
import type { Formats } from '../format/formats.ts';
import { useFormats, useNow } from '../format/use-formats.ts';
import { useSession } from '../session/session-context.tsx';
import styles from './field-value.module.css';

type Field = PageEntries['GET /admin/v1/fields'];

export function FieldValue({
  value,
  field,
}: {
  readonly value: unknown;
  readonly field: Field | undefined;
}) {
  const formats = useFormats();
  const nowMs = useNow();
  const { currency } = useSession().organization;
  if (value === null || value === undefined) return <span className={styles.none}>no value</span>;
  if (field?.type === 'date' && typeof value === 'string') {
    return (
      <>
        {formats.day(value)} <span className={styles.third}>{daysAgo(value, nowMs)}</span>
      </>
    );
  }
  if (Array.isArray(value)) return <ListValue values={value} />;
  return valueWords(value, { field, currency, formats });
}

function ListValue({ values }: { readonly values: readonly unknown[] }) {
  if (values.length === 0) return <span className={styles.none}>none</span>;
  return (
    <span className={styles.list}>
      {values.map((item) => (
        <span key={itemWords(item)}>{itemWords(item)}</span>
      ))}
    </span>
  );
}

interface Wording {
  readonly field: Field | undefined;
  /** Of the organization. */
  readonly currency: string;
  readonly formats: Formats;
}

/** In one line, also inside of a sentence. */
export function valueWords(value: unknown, { field, currency, formats }: Wording): string {
  if (value === null || value === undefined) return 'no value';
  if (typeof value === 'boolean') return value ? 'Yes' : 'No';
  if (typeof value === 'number') {
    if (field?.type === 'currency') return formats.money(value, field.currency ?? currency);
    if (field?.type === 'rate') return formats.rate(value);
    return isName(value, field) ? String(value) : formats.decimal(value, 6);
  }
  if (field?.type === 'date' && typeof value === 'string') return formats.day(value);
  if (Array.isArray(value)) return value.map(itemWords).join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** A year, a number of a store or the key of a customer is no amount: it has no separators. */
function isName(value: number, field: Field | undefined): boolean {
  if (!Number.isInteger(value)) return false;
  return value < 10_000 || keyNames.test(field?.name ?? '');
}

const keyNames = /(?:^|_)(?:key|id|number|nr|no|code|zip|reference)$/;

/** An entry of a list is a text, or an object that its name or its first text stands for. */
export function itemWords(item: unknown): string {
  if (typeof item !== 'object' || item === null) return String(item);
  const members = Object.entries(item);
  const name = members.find(([key]) => /(?:^|_)name$/.test(key))?.[1];
  const text = members.find(([, value]) => typeof value === 'string')?.[1];
  return String(name ?? text ?? JSON.stringify(item));
}

function daysAgo(date: string, nowMs: number): string {
  const ms = nowMs - Date.parse(date);
  return Number.isNaN(ms) ? '' : dayDistance(ms);
}
