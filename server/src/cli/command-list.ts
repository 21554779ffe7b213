/** All commands. The code of a command is loaded only when it is called. */
import type { DefineCommand } from './command-frame.ts';

/** What each command does, in the order of `usher --help`. */
export const commandSummaries = {
  demo: 'Start a server with demo data, and print a token and two commands to try it with',
  serve: 'Start the server',
  get: 'Show what the API answers for an identity',
  explain: 'Show where the values of a contact come from, and why it is in segments and flows',
  contact: 'Join two contacts, part them, and list what was joined',
  privacy: 'Erase, export and correct a person',
  access: 'Show who looked at which contact, and prove that the log is whole',
  import: 'Import a file, such as CSV, JSON or Parquet',
  apply: 'Apply a catalog file: settings, identity types, datasets, fields, segments',
  export: 'Write the definitions of an organization as a catalog file',
  dataset: 'List, show, check and remove datasets',
  segment: 'Create, edit, list and remove segments: rules over contacts',
  flow: 'Create, edit, list and remove flows, and set the global holdout',
  'exclusion-group': 'Set, list and remove exclusion groups of flows',
  'computed-field': 'Create, edit, list and remove fields that are computed from others',
  sync: 'Sync datasets from their sources, and show, approve and roll back runs',
  token: 'Create, list, rotate and revoke tokens',
  user: 'Invite, list, reset and revoke the people who use the console',
  organization: 'List and create organizations, and change their settings',
  field: 'List fields and change their settings',
  'identity-type': 'List, create and delete the types of identities that find contacts',
  settings: 'Show every setting, its value and its source',
  doctor: 'Check the data folder for problems',
  backup: 'Copy the data folder. A server may run',
  restore: 'Restore a backup into a data folder that is new or empty',
  compact: 'Rewrite the contact store without free space. No server may run',
} as const;

export type CommandName = keyof typeof commandSummaries;

export const commandNames = Object.keys(commandSummaries) as readonly CommandName[];

export const loadCommand: Readonly<Record<CommandName, () => Promise<DefineCommand>>> = {
  demo: async () => (await import('./commands/demo.ts')).defineDemoCommand,
  serve: async () => (await import('./commands/serve.ts')).defineServeCommand,
  get: async () => (await import('./commands/get.ts')).defineGetCommand,
  explain: async () => (await import('./commands/explain.ts')).defineExplainCommand,
  contact: async () => (await import('./commands/contact.ts')).defineContactCommand,
  privacy: async () => (await import('./commands/privacy.ts')).definePrivacyCommand,
  access: async () => (await import('./commands/access.ts')).defineAccessCommand,
  import: async () => (await import('./commands/import.ts')).defineImportCommand,
  apply: async () => (await import('./commands/apply.ts')).defineApplyCommand,
  export: async () => (await import('./commands/export.ts')).defineExportCommand,
  dataset: async () => (await import('./commands/dataset.ts')).defineDatasetCommand,
  segment: async () => (await import('./commands/segment.ts')).defineSegmentCommand,
  flow: async () => (await import('./commands/flow.ts')).defineFlowCommand,
  'exclusion-group': async () =>
    (await import('./commands/exclusion-group.ts')).defineExclusionGroupCommand,
  'computed-field': async () =>
    (await import('./commands/computed-field.ts')).defineComputedFieldCommand,
  sync: async () => (await import('./commands/sync.ts')).defineSyncCommand,
  token: async () => (await import('./commands/token.ts')).defineTokenCommand,
  user: async () => (await import('./commands/user.ts')).defineUserCommand,
  organization: async () => (await import('./commands/organization.ts')).defineOrganizationCommand,
  field: async () => (await import('./commands/field.ts')).defineFieldCommand,
  'identity-type': async () =>
    (await import('./commands/identity-type.ts')).defineIdentityTypeCommand,
  settings: async () => (await import('./commands/settings.ts')).defineSettingsCommand,
  doctor: async () => (await import('./commands/doctor.ts')).defineDoctorCommand,
  backup: async () => (await import('./commands/backup.ts')).defineBackupCommand,
  restore: async () => (await import('./commands/restore.ts')).defineRestoreCommand,
  compact: async () => (await import('./commands/compact.ts')).defineCompactCommand,
};
