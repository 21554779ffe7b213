/**
 * A page belongs to the user who opened it. If another one signs in, in this window or beside it,
 * the page is left with everything on it, and the first page says who is signed in now.
 */
import { type ReactNode, useEffect, useState } from 'react';
import type { Session } from '../session/session-shape.ts';
import { ShellSkeleton } from './shell-skeleton.tsx';

interface SameUserParts {
  readonly user: Session['user'];
  readonly children: ReactNode;
}

export function SameUser({ user: { id, name }, children }: SameUserParts) {
  const [before] = useState({ id, name });
  const isOther = before.id !== id;
  useEffect(() => {
    if (isOther) leavePage(before.name);
    else sayWhoLeft(name);
  }, [isOther, before, name]);
  return isOther ? <ShellSkeleton /> : children;
}

const key = 'usher-user-before';

/** Loads the console anew, so that nothing of the other user stays in memory. */
function leavePage(name: string): void {
  sessionStorage.setItem(key, name);
  window.location.replace('/console');
}

function sayWhoLeft(name: string): void {
  const left = sessionStorage.getItem(key);
  sessionStorage.removeItem(key);
  if (left === null) return;
  const words = `${name} is signed in now. The page of ${left} was closed.`;
  // Needed by few, and not at first.
  void import('../parts/notice.tsx').then(({ notify }) => notify({ words }));
}
