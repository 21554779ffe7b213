/** All commands. The code of a command is loaded only when it is called. */
import type { DefineCommand } from './command-frame.ts';

export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<DefineCommand>;
}

export const commandList: readonly CommandEntry[] = [
  {
    name: 'demo',
    summary: 'Start a server with demo data, and print a token and a curl command',
    load: async () => (await import('./commands/demo.ts')).defineDemoCommand,
  },
  {
    name: 'serve',
    summary: 'Start the server',
    load: async () => (await import('./commands/serve.ts')).defineServeCommand,
  },
  {
    name: 'get',
    summary: 'Show what the API answers for an identity',
    load: async () => (await import('./commands/get.ts')).defineGetCommand,
  },
  {
    name: 'import',
    summary: 'Import a file: CSV, TSV, JSON, NDJSON, Parquet',
    load: async () => (await import('./commands/import.ts')).defineImportCommand,
  },
  {
    name: 'apply',
    summary: 'Define datasets, fields and identity types from a catalog file',
    load: async () => (await import('./commands/apply.ts')).defineApplyCommand,
  },
  {
    name: 'export',
    summary: 'Write the definitions as a catalog file',
    load: async () => (await import('./commands/export.ts')).defineExportCommand,
  },
  {
    name: 'dataset',
    summary: 'List, show, check and remove datasets',
    load: async () => (await import('./commands/dataset.ts')).defineDatasetCommand,
  },
  {
    name: 'sync',
    summary: 'Sync datasets from their sources, and show, approve and roll back runs',
    load: async () => (await import('./commands/sync.ts')).defineSyncCommand,
  },
  {
    name: 'token',
    summary: 'Create, list, rotate and revoke tokens',
    load: async () => (await import('./commands/token.ts')).defineTokenCommand,
  },
  {
    name: 'organization',
    summary: 'List and create organizations, and change their settings',
    load: async () => (await import('./commands/organization.ts')).defineOrganizationCommand,
  },
  {
    name: 'field',
    summary: 'List fields and change their settings',
    load: async () => (await import('./commands/field.ts')).defineFieldCommand,
  },
  {
    name: 'identity-type',
    summary: 'List, create and delete the types of identities that find contacts',
    load: async () => (await import('./commands/identity-type.ts')).defineIdentityTypeCommand,
  },
  {
    name: 'settings',
    summary: 'Show every setting, its value and its source',
    load: async () => (await import('./commands/settings.ts')).defineSettingsCommand,
  },
  {
    name: 'doctor',
    summary: 'Check the data folder for problems',
    load: async () => (await import('./commands/doctor.ts')).defineDoctorCommand,
  },
  {
    name: 'backup',
    summary: 'Copy the data folder. A server may run',
    load: async () => (await import('./commands/backup.ts')).defineBackupCommand,
  },
  {
    name: 'restore',
    summary: 'Restore a backup into a data folder that is new or empty',
    load: async () => (await import('./commands/restore.ts')).defineRestoreCommand,
  },
  {
    name: 'compact',
    summary: 'Rewrite the contact store without free space. No server may run',
    load: async () => (await import('./commands/compact.ts')).defineCompactCommand,
  },
];
