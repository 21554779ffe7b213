/**
 * Reads all settings. Flags win over environment variables, those over defaults. Reports all
 * problems at once.
 */
import { existsSync } from 'node:fs';
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
  /** '' if not set. */
  readonly value: string;
  readonly source: 'flag' | 'environment' | 'default';
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
  const problems = unknownVariables(sources.environment);
  const values = new Map<string, unknown>();
  const shown: ShownSetting[] = [];
  const rows: readonly (readonly [string, SettingRow<unknown>])[] = Object.entries(settingTable);
  for (const [name, row] of rows) {
    const { variable, flag, description } = row;
    const found = findText(row, sources.flags.get(name), sources);
    const reading = row.read(found.text, sources.machine);
    if ('problem' in reading) problems.push(`${found.place} ${reading.problem}.`);
    else values.set(name, reading.value);
    const value = shownValue(reading);
    shown.push({ variable, flag, value, source: found.source, description });
  }
  const read: Partial<Settings> = Object.fromEntries(values);
  problems.push(...contradictions(read));
  if (problems.length > 0) throw new SettingsError(problems);
  // All members are set: a setting that could not be read was reported as a problem above.
  return { settings: Object.freeze(read as Settings), shown };
}

/** `place`: the flag or the variable to name in a problem. */
function findText(
  row: SettingRow<unknown>,
  flag: string | undefined,
  sources: SettingSources,
): Pick<ShownSetting, 'source'> & { readonly text: string; readonly place: string } {
  const { variable: place, usual } = row;
  if (flag !== undefined) {
    return { text: flag, source: 'flag', place: row.flag.split(' ')[0] ?? '' };
  }
  // Compose files set unused variables to an empty text, so empty means not set.
  const text = sources.environment[place];
  if (text !== undefined && text !== '') return { text, source: 'environment', place };
  const fallback = typeof usual === 'string' ? usual : usual(sources.machine);
  return { text: fallback, source: 'default', place };
}

function unknownVariables(environment: Environment): string[] {
  const known = Object.values(settingTable).map(({ variable }) => variable);
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
