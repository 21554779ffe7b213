/** Names of new fields that other fields have already, and the way out. */
import { Button } from '@mantine/core';
import { useFields } from '../fields/use-fields.ts';
import { type Draft, fieldFor, type Sample } from './draft.ts';
import styles from './new-dataset.module.css';

type FieldFault = (name: string) => string | undefined;

/** @param own the dataset that this draft has made; its fields are those of the draft */
export function useFieldFaults(own: string | undefined): FieldFault {
  const { data: fields } = useFields();
  const others = (fields ?? []).filter(({ dataset }) => dataset === null || dataset !== own);
  const fillers = new Map(others.map(({ name, dataset }) => [name, dataset]));
  return (name) => {
    const filler = fillers.get(name);
    if (filler === undefined) return undefined;
    return filler === null ? 'This name is taken' : `This name is taken by ${filler}`;
  };
}

export function countTaken(sample: Sample, draft: Draft, faultOf: FieldFault): number {
  return sample.columns
    .filter(({ column, field }) => field !== null && !draft.skipped.includes(column))
    .map(({ field }) => fieldFor(sample, draft, field ?? ''))
    .filter((name) => faultOf(name) !== undefined).length;
}

interface TakenParts {
  readonly count: number;
  readonly draft: Draft;
  readonly onChange: (draft: Draft) => void;
}

export function TakenFields({ count, draft, onChange }: TakenParts) {
  if (count === 0) return null;
  const words = count === 1 ? '1 field has a name' : `${count} fields have names`;
  const other = draft.isPrefixed ? ' Choose another name for the dataset.' : '';
  return (
    <div className={styles.takenNames} role="alert">
      <span>{`${words} that other fields have already.${other}`}</span>
      {!draft.isPrefixed && (
        <Button onClick={() => onChange({ ...draft, isPrefixed: true })}>
          Let their names begin with that of the dataset
        </Button>
      )}
    </div>
  );
}
