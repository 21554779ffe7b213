/** Goes to a page or finds a contact, from anywhere. A contact is searched only on Enter. */
import { Modal } from '@mantine/core';
import { IconSearch, IconUser, type TablerIcon } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type KeyboardEvent, useId, useState } from 'react';
import type { ApiProblem } from '../api/api-problem.ts';
import { call } from '../api/call.ts';
import type { AnswerOf } from '../api/operation-types.ts';
import { Badge } from '../parts/badge.tsx';
import { Keys } from '../parts/keys.tsx';
import { useMay } from '../session/session-context.tsx';
import styles from './command-menu.module.css';
import type { NavigationGroup } from './navigation.ts';

type Found = AnswerOf<'POST /admin/v1/contacts/search'>;

interface Command {
  readonly key: string;
  readonly group: string;
  readonly icon: TablerIcon;
  readonly label: string;
  readonly note?: string;
  readonly keys?: readonly string[];
  readonly act: () => void;
}

interface MenuParts {
  readonly groups: readonly NavigationGroup[];
  readonly onClose: () => void;
}

export function CommandMenu({ groups, onClose }: MenuParts) {
  const [text, setText] = useState('');
  const [place, setPlace] = useState(0);
  const listId = useId();
  const { commands, found, problem } = useCommands(text, { groups, onClose });
  const at = Math.min(place, Math.max(0, commands.length - 1));
  const press = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0 && commands.length > 0) {
      event.preventDefault();
      setPlace((at + step + commands.length) % commands.length);
    }
    if (event.key === 'Enter') {
      event.preventDefault();
      commands[at]?.act();
    }
  };
  return (
    <Modal
      opened
      onClose={onClose}
      withCloseButton={false}
      centered={false}
      transitionProps={{ duration: 0 }}
      size={560}
      padding={0}
      title="Find or go to"
      classNames={{ header: styles.header ?? '' }}
      styles={{ body: { padding: 0 } }}
    >
      <div className={styles.field}>
        <IconSearch size={17} stroke={1.6} aria-hidden />
        <input
          className={styles.input}
          data-autofocus
          ref={focusNow}
          role="combobox"
          aria-expanded
          aria-controls={listId}
          aria-activedescendant={commands[at] === undefined ? undefined : `${listId}-${at}`}
          aria-label="Find or go to"
          placeholder="A page, or any identity of a contact"
          spellCheck={false}
          autoComplete="off"
          maxLength={1_024}
          value={text}
          onChange={(event) => {
            setText(event.currentTarget.value);
            setPlace(0);
          }}
          onKeyDown={press}
        />
        {found?.type != null && <Badge tone="outline">{found.type}</Badge>}
      </div>
      {problem !== null && <p className={styles.words}>{problem.facts.detail}</p>}
      <CommandList id={listId} commands={commands} place={at} onPoint={setPlace} />
    </Modal>
  );
}

function CommandList({
  id,
  commands,
  place,
  onPoint,
}: {
  readonly id: string;
  readonly commands: readonly Command[];
  readonly place: number;
  readonly onPoint: (place: number) => void;
}) {
  return (
    <div className={styles.list} role="listbox" id={id} aria-label="What was found">
      {commands.map(({ key, group, icon: Icon, label, note, keys, act }, at) => (
        <div key={key}>
          {commands[at - 1]?.group !== group && <p className={styles.group}>{group}</p>}
          {/* biome-ignore lint/a11y/useKeyWithClickEvents: the field above has the keys */}
          <div
            className={styles.command}
            role="option"
            id={`${id}-${at}`}
            tabIndex={-1}
            aria-selected={at === place}
            onClick={act}
            onPointerMove={() => onPoint(at)}
          >
            <Icon size={17} stroke={1.6} aria-hidden />
            <span className={styles.label}>
              {label} {note !== undefined && <span className={styles.note}>{note}</span>}
            </span>
            {at === place ? <Keys keys={['↵']} /> : keys !== undefined && <Keys keys={keys} />}
          </div>
        </div>
      ))}
      {commands.length === 0 && <p className={styles.words}>Nothing has this name.</p>}
    </div>
  );
}

function useCommands(text: string, { groups, onClose }: MenuParts) {
  const navigate = useNavigate();
  const findsContacts = useMay('contacts:read');
  const search = useMutation<Found, ApiProblem, { query: string; type?: string }>({
    mutationFn: (body) => call('POST /admin/v1/contacts/search', { body }),
    gcTime: 0,
  });
  const query = text.trim();
  const isSame = search.variables?.query === query;
  const found = isSame ? search.data : undefined;
  const open = (id: string) => {
    onClose();
    void navigate({ to: '/contacts/$id', params: { id } });
  };
  const contacts = (found?.candidates ?? []).flatMap(
    ({ contact_id, display_name, matched_type }): Command[] =>
      contact_id === null
        ? []
        : [
            {
              key: contact_id,
              group: 'Contacts',
              icon: IconUser,
              label: display_name ?? 'A contact without a name',
              note: matched_type,
              act: () => open(contact_id),
            },
          ],
  );
  const searches: Command[] =
    query === '' || !findsContacts
      ? []
      : searchesOf(query, found).map(({ type, label }) => ({
          key: `search ${type ?? ''}`,
          group: 'Contacts',
          icon: IconSearch,
          label,
          act: () => search.mutate(type === undefined ? { query } : { query, type }),
        }));
  const pages = groups
    .flatMap((group) => group.entries)
    .filter(({ label }) => label.toLowerCase().includes(query.toLowerCase()))
    .map(({ to, label, icon, key }) => ({
      key: to,
      group: 'Go to',
      icon,
      label,
      keys: ['g', key],
      act: () => {
        onClose();
        void navigate({ to });
      },
    }));
  const first = found === undefined && pages.length > 0 && query.length < shortQuery;
  const commands = first ? [...pages, ...searches] : [...contacts, ...searches, ...pages];
  return { commands, found, problem: isSame ? search.error : null };
}

/** What is typed right after the keys of the menu must reach it. */
function focusNow(input: HTMLInputElement | null): void {
  input?.focus();
}

/** Shorter texts are more often the name of a page than an identity. */
const shortQuery = 10;

/** The first search guesses the type; after it, the other types are offered. */
function searchesOf(query: string, found: Found | undefined) {
  if (found === undefined) return [{ type: undefined, label: `Find the contact ${query}` }];
  const nobody = found.candidates.length === 0 ? ['Nobody found. '] : [];
  return found.alternatives
    .slice(0, 3)
    .map((type) => ({ type, label: `${nobody.join('')}Search as ${type} instead` }));
}
