/** What an empty place says next: a button for whoever may take the step, else whom to ask. */
import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { PermissionName } from '@usher/contract/roles';
import type { ReactNode } from 'react';
import { useMay } from '../session/session-context.tsx';

interface NextStepParts {
  readonly permission: PermissionName;
  /** Who has the permission, such as "an engineer". */
  readonly who: string;
  /** What they do: "bring in a file". */
  readonly step: string;
  /** For users who have the permission. */
  readonly children: ReactNode;
}

export function NextStep({ permission, who, step, children }: NextStepParts) {
  const may = useMay(permission);
  return may ? children : <span>{`Ask ${who} to ${step}.`}</span>;
}

/** The first step of all. `isSecond`: the page has the button already, so this one is quiet. */
export function FirstDataset({ isSecond = false }: { readonly isSecond?: boolean }) {
  return (
    <NextStep permission="datasets:write" who="an engineer" step="bring in a file">
      <Button variant={isSecond ? 'default' : 'filled'} component={Link} to="/new-dataset">
        New dataset
      </Button>
    </NextStep>
  );
}
