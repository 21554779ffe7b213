/** Chooses a role, and says what it may do. */
import { Select } from '@mantine/core';
import type { RoleName } from '@usher/contract/roles';

export function RoleSelect({
  role,
  onChange,
}: {
  readonly role: RoleName;
  readonly onChange: (role: RoleName) => void;
}) {
  return (
    <Select
      label="Role"
      description={roleWords[role]}
      data={Object.keys(roleWords)}
      value={role}
      allowDeselect={false}
      onChange={(next) => next !== null && onChange(next as RoleName)}
    />
  );
}

const roleWords: Readonly<Record<RoleName, string>> = {
  admin: 'May do everything.',
  engineer: 'Defines datasets and fields, runs syncs and approves them.',
  marketer: 'Defines segments and flows, and approves changes that move many people.',
  analyst: 'Sees definitions, datasets and usage, and lists contacts.',
  support: 'Finds people, sees personal values, merges contacts, reveals masked values.',
  auditor: 'Sees tokens, users, privacy requests, the audit log and who looked at whom.',
};
