/**
 * All commands: a line each. What a command does is loaded only when it is called, so that the
 * others cost it nothing.
 */
import type { DefineCommand } from './command-frame.ts';

export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<DefineCommand>;
}

export const commandList: readonly CommandEntry[] = [
  {
    name: 'demo',
    summary: 'demo data, a server, a token and a ready curl',
    load: async () => (await import('./commands/demo.ts')).defineDemoCommand,
  },
  {
    name: 'serve',
    summary: 'the server',
    load: async () => (await import('./commands/serve.ts')).defineServeCommand,
  },
  {
    name: 'get',
    summary: 'what the API would answer for an identity',
    load: async () => (await import('./commands/get.ts')).defineGetCommand,
  },
  {
    name: 'import',
    summary: 'bring a file in: CSV, TSV, JSON, NDJSON, Parquet',
    load: async () => (await import('./commands/import.ts')).defineImportCommand,
  },
  {
    name: 'apply',
    summary: 'define datasets, fields and identity types as a file says',
    load: async () => (await import('./commands/apply.ts')).defineApplyCommand,
  },
  {
    name: 'export',
    summary: 'what is defined, as such a file',
    load: async () => (await import('./commands/export.ts')).defineExportCommand,
  },
  {
    name: 'dataset',
    summary: 'datasets: what they are, were, and would be',
    load: async () => (await import('./commands/dataset.ts')).defineDatasetCommand,
  },
  {
    name: 'sync',
    summary: 'bring defined datasets in, see what changed, take it back',
    load: async () => (await import('./commands/sync.ts')).defineSyncCommand,
  },
  {
    name: 'token',
    summary: 'make, list, rotate and revoke tokens',
    load: async () => (await import('./commands/token.ts')).defineTokenCommand,
  },
  {
    name: 'organization',
    summary: 'organizations, their limit and their settings',
    load: async () => (await import('./commands/organization.ts')).defineOrganizationCommand,
  },
  {
    name: 'field',
    summary: 'fields and their flags',
    load: async () => (await import('./commands/field.ts')).defineFieldCommand,
  },
  {
    name: 'identity-type',
    summary: 'the kinds of identities that contacts are found by',
    load: async () => (await import('./commands/identity-type.ts')).defineIdentityTypeCommand,
  },
  {
    name: 'settings',
    summary: 'every setting, its value and where that comes from',
    load: async () => (await import('./commands/settings.ts')).defineSettingsCommand,
  },
  {
    name: 'doctor',
    summary: 'look for what is wrong, or soon will be',
    load: async () => (await import('./commands/doctor.ts')).defineDoctorCommand,
  },
  {
    name: 'backup',
    summary: 'copy the data folder, while a server runs or none',
    load: async () => (await import('./commands/backup.ts')).defineBackupCommand,
  },
  {
    name: 'restore',
    summary: 'bring a backup back, into a data folder that is new or empty',
    load: async () => (await import('./commands/restore.ts')).defineRestoreCommand,
  },
  {
    name: 'compact',
    summary: 'write the contact store anew, without what was removed',
    load: async () => (await import('./commands/compact.ts')).defineCompactCommand,
  },
];
