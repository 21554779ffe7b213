/**
 * Reads all settings. Flags win over environment variables, those over files (`*_FILE`, for
 * secrets), those over defaults. Reports all problems at once.
 */
import { existsSync, readFileSync } from 'node:fs';
import { nearestWord } from '../domain/nearest-word.ts';
import type { Environment } from './environment.ts';
import { type SettingRow, settingTable } from './setting-table.ts';
import type { Machine } from './setting-values.ts';
import type { Settings } from './settings.ts';

export interface SettingSources {
  /** The texts of flags, by the setting's name. */
  readonly flags: ReadonlyMap<string, string>;
  readonly environment: Environment;
  readonly machine: Machine;
}

/** For `usher settings`. */
export interface ShownSetting {
  readonly variable: string;
  readonly flag: string;
  /** Masked for secrets; '' if not set. */
  readonly value: string;
  readonly source: 'flag' | 'environment' | 'file' | 'default';
  readonly description: string;
}

export interface ReadSettings {
  readonly settings: Settings;
  readonly shown: readonly ShownSetting[];
}

/** All problems of the settings, a sentence each. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

/** @throws SettingsError */
export function readSettings(sources: SettingSources): ReadSettings {
  const { values, shown, problems } = readRows(Object.entries(settingTable), sources);
  const read: Partial<Settings> = Object.fromEntries(values);
  problems.push(...contradictions(read));
  if (problems.length > 0) throw new SettingsError(problems);
  // Complete, because a setting that could not be read is a problem.
  return { settings: Object.freeze(read as Settings), shown };
}

export interface ReadRows {
  /** Values of the valid rows, by name. */
  readonly values: ReadonlyMap<string, unknown>;
  readonly shown: readonly ShownSetting[];
  readonly problems: string[];
}

/** Reads the rows of a settings table one by one. */
export function readRows(
  rows: readonly (readonly [name: string, row: SettingRow<unknown>])[],
  sources: SettingSources,
): ReadRows {
  const problems = unknownVariables(
    rows.map(([, row]) => row),
    sources.environment,
  );
  const values = new Map<string, unknown>();
  const shown: ShownSetting[] = [];
  for (const [name, row] of rows) {
    const found = findText(row, sources.flags.get(name), sources);
    const reading = 'problem' in found ? found : row.read(found.text, sources.machine);
    if ('problem' in reading) problems.push(`${found.place} ${reading.problem}.`);
    else values.set(name, reading.value);
    shown.push({
      variable: row.variable,
      flag: row.flag,
      value: row.secret === true ? '********' : shownValue(reading),
      source: found.source,
      description: row.description,
    });
  }
  return { values, shown, problems };
}

interface Found {
  readonly source: ShownSetting['source'];
  /** The name that the writer of the setting would look for. */
  readonly place: string;
}

function findText(
  row: SettingRow<unknown>,
  flag: string | undefined,
  sources: SettingSources,
): Found & ({ readonly text: string } | { readonly problem: string }) {
  const { variable } = row;
  if (flag !== undefined) {
    return { text: flag, source: 'flag', place: row.flag.split(' ')[0] ?? '' };
  }
  // Compose files set unused variables to an empty text, so empty means not set.
  const text = sources.environment[variable];
  if (text !== undefined && text !== '') return { text, source: 'environment', place: variable };
  const place = `${variable}_FILE`;
  const file = row.secret === true ? sources.environment[place] : undefined;
  if (file !== undefined && file !== '') return { ...readSecret(file), source: 'file', place };
  const usual = typeof row.usual === 'string' ? row.usual : row.usual(sources.machine);
  return { text: usual, source: 'default', place: variable };
}

function readSecret(file: string): { readonly text: string } | { readonly problem: string } {
  try {
    return { text: readFileSync(file, 'utf8').trim() };
  } catch {
    return { problem: 'must name a file that can be read' };
  }
}

function unknownVariables(
  rows: readonly SettingRow<unknown>[],
  environment: Environment,
): string[] {
  const known = rows.flatMap((row) =>
    row.secret === true ? [row.variable, `${row.variable}_FILE`] : [row.variable],
  );
  return Object.keys(environment)
    .filter((variable) => variable.startsWith('USHER_') && !known.includes(variable))
    .sort()
    .map((variable) => {
      const nearest = nearestWord(variable, known);
      const hint = nearest === undefined ? 'See `usher settings`.' : `Did you mean ${nearest}?`;
      return `${variable} is not a setting. ${hint}`;
    });
}

function contradictions(settings: Partial<Settings>): string[] {
  const { tlsCertificate, tlsKey, port, metricsPort } = settings;
  const problems: string[] = [];
  if (tlsCertificate !== undefined && tlsKey !== undefined && !tlsCertificate !== !tlsKey) {
    problems.push('USHER_TLS_CERT and USHER_TLS_KEY must be set together, or neither.');
  }
  for (const [variable, file] of [
    ['USHER_TLS_CERT', tlsCertificate],
    ['USHER_TLS_KEY', tlsKey],
  ] as const) {
    if (file && !existsSync(file)) problems.push(`${variable} names a file that does not exist.`);
  }
  if (port !== undefined && port !== 0 && port === metricsPort) {
    problems.push('USHER_PORT and USHER_METRICS_PORT must differ.');
  }
  return problems;
}

function shownValue(reading: { value: unknown } | { problem: string }): string {
  if ('problem' in reading || reading.value === null) return '';
  return Array.isArray(reading.value) ? reading.value.join(', ') : String(reading.value);
}
