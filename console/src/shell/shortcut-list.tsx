/** The list of keys, with the switch for single letters. */
import { Checkbox, Modal } from '@mantine/core';
import { useState } from 'react';
import { Keys } from '../parts/keys.tsx';
import type { NavigationGroup } from './navigation.ts';
import styles from './shortcut-list.module.css';
import { hasSingleLetters, setSingleLetters, shortcuts } from './shortcuts.ts';

export function ShortcutList({
  groups,
  onClose,
}: {
  readonly groups: readonly NavigationGroup[];
  readonly onClose: () => void;
}) {
  const [isOn, setOn] = useState(hasSingleLetters);
  const entries = groups.flatMap((group) => group.entries);
  return (
    <Modal
      opened
      onClose={onClose}
      title="Keyboard"
      closeButtonProps={{ 'aria-label': 'Close' }}
      size={420}
    >
      <dl className={styles.list}>
        {shortcuts.map(({ keys, does }) => (
          <div key={does}>
            <dt>{does}</dt>
            <dd>
              <Keys keys={keys} />
            </dd>
          </div>
        ))}
        {entries.map(({ label, key }) => (
          <div key={label}>
            <dt>Go to {label}</dt>
            <dd>
              <Keys keys={['g', key]} />
            </dd>
          </div>
        ))}
      </dl>
      <Checkbox
        mt={12}
        label="Single letters act"
        checked={isOn}
        onChange={(event) => {
          setSingleLetters(event.currentTarget.checked);
          setOn(event.currentTarget.checked);
        }}
      />
    </Modal>
  );
}
