/** What an administrator does with a user: another role, a reset, the end. */
import { ActionIcon, Menu } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import { useState } from 'react';
import type { Linked } from './link-dialog.tsx';
import { ResetDialog } from './reset-dialog.tsx';
import { RevokeDialog } from './revoke-dialog.tsx';
import { RoleDialog } from './role-dialog.tsx';
import type { User } from './use-users.ts';

interface ActionsParts {
  readonly user: User;
  /** How many sessions the user has. */
  readonly sessions: number;
  readonly onLinked: (linked: Linked) => void;
}

export function UserActions({ user, sessions, onLinked }: ActionsParts) {
  const [dialog, setDialog] = useState<'role' | 'reset' | 'revoke'>();
  const close = () => setDialog(undefined);
  const takeLink = (linked: Linked) => {
    close();
    onLinked(linked);
  };
  return (
    <>
      <Menu width={200} position="bottom-end">
        <Menu.Target>
          <ActionIcon aria-label={`Change ${user.name}`}>
            <IconDots size={17} stroke={1.6} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => setDialog('role')}>Change the role…</Menu.Item>
          <Menu.Item onClick={() => setDialog('reset')}>
            {user.state === 'invited' ? 'Another link…' : 'Reset…'}
          </Menu.Item>
          <Menu.Item data-tone="bad" onClick={() => setDialog('revoke')}>
            Revoke…
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {dialog === 'role' && <RoleDialog user={user} onClose={close} />}
      {dialog === 'reset' && (
        <ResetDialog user={user} sessions={sessions} onReset={takeLink} onClose={close} />
      )}
      {dialog === 'revoke' && <RevokeDialog user={user} sessions={sessions} onClose={close} />}
    </>
  );
}
