/**
 * A page belongs to the user who opened it, with the role of then. If another one signs in, in this
 * window or beside it, or the user may see less now, the console is loaded anew, so that nothing of
 * before stays on the page or in memory. It then says why.
 */
import { type ReactNode, useEffect, useState } from 'react';
import type { Session } from '../session/session-shape.ts';
import { ShellSkeleton } from './shell-skeleton.tsx';

interface SameUserParts {
  readonly session: Pick<Session, 'user' | 'permissions'>;
  readonly children: ReactNode;
}

export function SameUser({ session: { user, permissions }, children }: SameUserParts) {
  const [before, setBefore] = useState({ user, permissions });
  const isOther = before.user.id !== user.id;
  const hasLost = before.permissions.some((one) => !permissions.includes(one));
  const { name: left } = before.user;
  const { name, role } = user;
  useEffect(() => {
    if (isOther) {
      keepWords(`${name} is signed in now. The page of ${left} was closed.`);
      window.location.replace('/console');
    } else if (hasLost) {
      keepWords(`Your role is ${role} now.`);
      window.location.reload();
    } else sayWords();
  }, [isOther, hasLost, left, name, role]);
  useEffect(() => {
    // What a role gives later can be lost, too.
    if (!isOther && !hasLost) setBefore({ user, permissions });
  }, [isOther, hasLost, user, permissions]);
  return isOther || hasLost ? <ShellSkeleton /> : children;
}

const key = 'usher-why-anew';

function keepWords(words: string): void {
  sessionStorage.setItem(key, words);
}

function sayWords(): void {
  const words = sessionStorage.getItem(key);
  sessionStorage.removeItem(key);
  if (words === null) return;
  // Needed by few, and not at first.
  void import('../parts/notice.tsx').then(({ notify }) => notify({ words }));
}
