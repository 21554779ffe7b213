/** From which day to which: days of the organization's time zone, in the address. */
import { TextInput } from '@mantine/core';
import { isDay } from '../format/days.ts';

export interface Days {
  readonly since?: string | undefined;
  readonly until?: string | undefined;
}

export function DaysFilter({
  days: { since, until },
  onDays,
}: {
  readonly days: Days;
  readonly onDays: (days: Days) => void;
}) {
  return (
    <>
      <TextInput
        type="date"
        label="From"
        value={isDay(since) ? since : ''}
        onChange={({ currentTarget: { value } }) => onDays({ since: value || undefined })}
      />
      <TextInput
        type="date"
        label="To"
        value={isDay(until) ? until : ''}
        onChange={({ currentTarget: { value } }) => onDays({ until: value || undefined })}
      />
    </>
  );
}
