/**
 * What a role may not open says so in one way, before anything is asked of the server. Permissions
 * come from the table of roles that the server uses, too.
 */
import type { PermissionName } from '@usher/contract/roles';
import { lazy, type ReactNode, Suspense } from 'react';
import { useMay } from '../session/session-context.tsx';

interface PermittedParts {
  readonly permission: PermissionName;
  /** What the permission opens. */
  readonly what: 'page' | 'tab';
  readonly children: ReactNode;
}

/** Met by few: links to what a role may not open are absent. */
const Closed = lazy(async () => ({ default: (await import('./closed.tsx')).Closed }));

export function Permitted({ permission, what, children }: PermittedParts) {
  const isOpen = useMay(permission);
  if (isOpen) return children;
  return (
    <Suspense>
      <Closed what={what} />
    </Suspense>
  );
}
