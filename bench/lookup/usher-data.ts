/**
 * Usher's data folder with the generated contacts. Usher's own command line makes it as a user
 * would: two imports, a higher limit, a token. It is kept in the work folder and reused.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Checkout } from './checkout.ts';
import { benchFields, type DatasetName, identityColumns } from './contact-fields.ts';
import { generatorVersion } from './contacts-data.ts';
import { writeDatasetFile } from './data-files.ts';
import { usherCommand, workFolder } from './folders.ts';
import { type Program, runProgram } from './run-program.ts';

export interface UsherData {
  /** The file of the Usher command that made the data and serves it. */
  readonly command: string;
  readonly folder: string;
  readonly token: string;
}

/** Data that the command of this checkout made, at this commit or an earlier one. */
export function prepareUsherData(contacts: number): Promise<UsherData> {
  return prepare(contacts, usherCommand, places(contacts));
}

/** Data that the command of another checkout made, because formats of the store may differ. */
export async function prepareCheckoutData(
  contacts: number,
  checkout: Checkout,
): Promise<UsherData> {
  const place = places(contacts, checkout.name);
  if (checkout.isChanged) forget(place);
  return prepare(contacts, checkout.command, place);
}

async function prepare(contacts: number, command: string, place: DataPlace): Promise<UsherData> {
  const { folder, tokenFile } = place;
  if (existsSync(tokenFile)) return { command, folder, token: readFileSync(tokenFile, 'utf8') };
  forget(place);
  const usher = (folder: string, parameters: readonly string[]) =>
    usherProgram(command, folder, parameters);
  for (const dataset of ['crm', 'shop'] as const) {
    const file = writeDatasetFile(dataset, contacts);
    console.error(`importing ${contacts} contacts of ${dataset} into Usher`);
    await runProgram(usher(folder, importParameters(dataset, file)));
  }
  await runProgram(usher(folder, ['organization', 'set', 'default', '--rate-limit', '100000']));
  const create = ['token', 'create', '--email', 'bench@example.com', '--scope', 'contacts:read'];
  const token = (await runProgram(usher(folder, create))).trim();
  writeFileSync(tokenFile, token, { mode: 0o600 });
  return { command, folder, token };
}

/** Deletes the data, so that the next run makes it again. */
export function forgetUsherData(contacts: number): void {
  forget(places(contacts));
}

function forget({ folder, tokenFile }: DataPlace): void {
  rmSync(tokenFile, { force: true });
  rmSync(folder, { recursive: true, force: true });
}

interface DataPlace {
  readonly folder: string;
  readonly tokenFile: string;
}

function places(contacts: number, commit?: string): DataPlace {
  const name = commit === undefined ? 'usher' : `commit-${commit}`;
  const folder = join(workFolder, `${name}-${contacts}-v${generatorVersion}`);
  // The token's file is written last, to show that the folder is complete. The token reads only
  // generated contacts, and only over the loopback address.
  return { folder, tokenFile: `${folder}.token` };
}

export function importParameters(dataset: DatasetName, file: string): string[] {
  const own = benchFields.filter((field) => field.dataset === dataset);
  return [
    ...['import', file, '--dataset', dataset],
    ...['--identifier', `email=${identityColumns[dataset]}`, '--yes'],
    ...typeParameters(own),
  ];
}

/** The flags of an import that declare the types of fields. */
export function typeParameters(fields: typeof benchFields): string[] {
  return fields.flatMap(({ name, type }) => ['--type', `${name}=${type}`]);
}

/** Usher's command for a data folder, with only these settings. */
export function usher(folder: string, parameters: readonly string[]): Program {
  return usherProgram(usherCommand, folder, parameters);
}

/**
 * The `usher` command of another checkout for a data folder, with only these settings.
 * @param command the path of its `usher.js`
 */
export function usherProgram(
  command: string,
  folder: string,
  parameters: readonly string[],
): Program {
  buildOnce(command);
  return {
    name: 'usher',
    command: process.execPath,
    parameters: [command, ...parameters],
    env: { ...noSettings(), USHER_DATA: folder },
  };
}

const built = new Set<string>();

/** Servers run from a build as users' servers do, also after a source has changed. */
function buildOnce(command: string): void {
  if (built.has(command)) return;
  built.add(command);
  const script = join(dirname(command), '..', 'scripts', 'build-server.ts');
  // Earlier commits have no build.
  if (!existsSync(script)) return;
  const { status } = spawnSync(process.execPath, [script, '--if-older'], { stdio: [0, 2, 2] });
  if (status !== 0) throw new Error(`"node ${script}" ended with ${status}`);
}

function noSettings(): Record<string, undefined> {
  const names = Object.keys(process.env).filter((name) => name.startsWith('USHER_'));
  return Object.fromEntries(names.map((name) => [name, undefined]));
}
