/**
 * Writes the generated contacts to files in the work folder. Each file is written once and reused.
 */
import { closeSync, existsSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { benchFields, type DatasetName, identityColumns } from './contact-fields.ts';
import { contactJson, generatorVersion, type MadeContact, makeContact } from './contacts-data.ts';
import { workFolder } from './folders.ts';

/**
 * Writes a CSV file of one dataset with its identity column and twenty fields.
 * @param edition 1 is the first export of the contacts, 2 a later one (`makeContact`)
 * @returns its path
 */
export function writeDatasetFile(dataset: DatasetName, contacts: number, edition = 1): string {
  const places = benchFields.flatMap((field, i) => (field.dataset === dataset ? [i] : []));
  return writeOnce({
    name: `${dataset}-${contacts}-edition-${edition}.csv`,
    head: csvHead(identityColumns[dataset], places),
    line: (index) => csvLine(makeContact(index, edition), places),
    lines: contacts,
  });
}

/**
 * Writes a CSV file of all forty fields with one identity column, `email`.
 * @returns its path
 */
export function writeWholeFile(contacts: number): string {
  const places = benchFields.map((_, i) => i);
  return writeOnce({
    name: `whole-${contacts}.csv`,
    head: csvHead('email', places),
    line: (index) => csvLine(makeContact(index), places),
    lines: contacts,
  });
}

/**
 * Writes a later export of the contacts of `writeWholeFile`. 1 % of them have changed, and 0.2 %
 * are missing (`editionCounts`).
 * @returns its path
 */
export function writeChangedFile(contacts: number): string {
  const places = benchFields.map((_, i) => i);
  const line = (index: number): string => {
    if (isGone(index)) return '';
    return csvLine(makeContact(index, isChanged(index) ? 2 : 1), places);
  };
  return writeOnce({
    name: `whole-${contacts}-changed.csv`,
    head: csvHead('email', places),
    line,
    lines: contacts,
  });
}

export function editionCounts(contacts: number): { changed: number; gone: number } {
  const indexes = Array.from({ length: contacts }, (_, index) => index);
  return { changed: indexes.filter(isChanged).length, gone: indexes.filter(isGone).length };
}

function isChanged(index: number): boolean {
  return index % 100 === 7;
}

function isGone(index: number): boolean {
  return index % 500 === 11;
}

/**
 * Writes the contacts in the text format of PostgreSQL's COPY: e-mail address, tab, contact as
 * JSON.
 * @returns its path
 */
export function writePreparedFile(contacts: number): string {
  return writeOnce({
    name: `prepared-${contacts}.copy`,
    head: '',
    line: (index) => copyLine(makeContact(index)),
    lines: contacts,
  });
}

/**
 * Writes the contacts as commands for `redis-cli --pipe`: one JSON string for each contact.
 * @returns its path
 */
export function writeCommandFile(contacts: number): string {
  return writeOnce({
    name: `prepared-${contacts}.resp`,
    head: '',
    line: (index) => {
      const contact = makeContact(index);
      return setCommand(`contact:${contact.email}`, contactJson(contact));
    },
    lines: contacts,
  });
}

/** Encodes a command in Redis' protocol. */
export function setCommand(key: string, value: string): string {
  const parts = ['SET', key, value].map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
  return `*3\r\n${parts.join('')}`;
}

/** A line of COPY's text format. */
export function copyLine(contact: MadeContact): string {
  return `${contact.email}\t${contactJson(contact).replaceAll('\\', '\\\\')}\n`;
}

export interface GeneratedFile {
  readonly name: string;
  readonly head: string;
  readonly line: (index: number) => string;
  readonly lines: number;
}

const chunkLength = 1 << 20;

/**
 * Writes a file in the work folder, unless it exists.
 * @returns its path
 */
export function writeOnce({ name, head, line, lines }: GeneratedFile): string {
  const folder = join(workFolder, `data-v${generatorVersion}`);
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  if (existsSync(path)) return path;
  // The file has another name until it is complete, so that an interrupted run leaves nothing that
  // looks complete.
  const file = openSync(`${path}.partial`, 'w', 0o644);
  let chunk = head;
  for (let index = 0; index < lines; index += 1) {
    chunk += line(index);
    if (chunk.length < chunkLength && index < lines - 1) continue;
    writeSync(file, chunk);
    chunk = '';
  }
  closeSync(file);
  renameSync(`${path}.partial`, path);
  return path;
}

function csvHead(identityColumn: string, places: readonly number[]): string {
  return `${[identityColumn, ...places.map((i) => benchFields[i]?.name)].join(',')}\n`;
}

function csvLine(contact: MadeContact, places: readonly number[]): string {
  return `${[contact.email, ...places.map((i) => contact.values[i]?.csv)].join(',')}\n`;
}
