/**
 * What opens over the page: the drawer of a narrow window, the command menu, the list of keys, the
 * question who the user is, and the sign-in after the session ended.
 */
import { ConfirmSession } from '../session/confirm-session.tsx';
import { SignInAgain } from '../session/sign-in-again.tsx';
import { CommandMenu } from './command-menu.tsx';
import type { NavigationGroup } from './navigation.ts';
import { ShortcutList } from './shortcut-list.tsx';
import { SidebarDrawer } from './sidebar-drawer.tsx';

export type Opened = 'drawer' | 'menu' | 'keys';

interface DialogParts {
  readonly groups: readonly NavigationGroup[];
  readonly opened: Opened | undefined;
  readonly onFind: () => void;
  readonly onClose: () => void;
}

export function ShellDialogs({ groups, opened, onFind, onClose }: DialogParts) {
  const parts = { groups, onClose };
  return (
    <>
      <SidebarDrawer {...parts} isOpen={opened === 'drawer'} onFind={onFind} />
      {opened === 'menu' && <CommandMenu {...parts} />}
      {opened === 'keys' && <ShortcutList {...parts} />}
      <ConfirmSession />
      <SignInAgain />
    </>
  );
}
