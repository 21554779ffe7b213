/** Chooses who did something, among the users and tokens that the user may see. */
import { Select } from '@mantine/core';
import { useKnownLookers, useLookers } from './use-lookers.ts';

interface ActorFilterParts {
  readonly actor: string | undefined;
  /** Actors of the entries that are shown: some may be gone from the lists. */
  readonly seen: readonly string[];
  readonly onActor: (actor: string | undefined) => void;
}

export function ActorFilter({ actor, seen, onActor }: ActorFilterParts) {
  const { users, tokens } = useKnownLookers();
  const lookers = useLookers();
  const listed = [...users.map(({ id }) => `user:${id}`), ...tokens.map(({ id }) => `token:${id}`)];
  const all = new Set([...listed, ...seen, ...(actor === undefined ? [] : [actor])]);
  const data = [...all].map((value) => {
    const { name, note } = lookers(value);
    return { value, label: note === '' ? name : `${name}, ${note}` };
  });
  return (
    <Select
      label="Who"
      searchable
      data={[{ value: '', label: 'Anyone' }, ...data]}
      value={actor ?? ''}
      onChange={(next) => onActor(next === null || next === '' ? undefined : next)}
    />
  );
}
