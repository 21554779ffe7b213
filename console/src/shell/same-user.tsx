/**
 * A page belongs to the user who opened it, with the role of then. If another one signs in, in this
 * window or beside it, or the user may see less now, the console is loaded anew, so that nothing of
 * before stays on the page or in memory. It then says why.
 */
import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useEffect, useState } from 'react';
import type { Session } from '../session/session-shape.ts';
import { ShellSkeleton } from './shell-skeleton.tsx';

interface SameUserParts {
  readonly session: Pick<Session, 'user' | 'permissions'>;
  readonly children: ReactNode;
}

export function SameUser({ session: { user, permissions }, children }: SameUserParts) {
  const client = useQueryClient();
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
  const hasMore = !hasLost && permissions.some((one) => !before.permissions.includes(one));
  useEffect(() => {
    if (isOther || !hasMore) return;
    // What a role gives now can be lost later.
    setBefore({ user, permissions });
    // What was masked may be shown. What was typed stays.
    void client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session' });
    say(`Your role is ${role} now.`);
  }, [client, isOther, hasMore, user, permissions, role]);
  return isOther || hasLost ? <ShellSkeleton /> : children;
}

const key = 'usher-why-anew';

function keepWords(words: string): void {
  sessionStorage.setItem(key, words);
}

function sayWords(): void {
  const words = sessionStorage.getItem(key);
  sessionStorage.removeItem(key);
  if (words !== null) say(words);
}

/** Needed by few, and not at first. */
function say(words: string): void {
  void import('../parts/notice.tsx').then(({ notify }) => notify({ words }));
}
