/** Prints an error: what is wrong and what to do next. Shows the stack at log level `debug`. */
import { UsherError } from '../domain/errors.ts';
import { plainPath } from '../domain/json-pointer.ts';
import { terminalName } from '../domain/terminal-text.ts';
import { withSourcePlaces } from '../observe/source-places.ts';
import { SettingsError } from '../settings/read-settings.ts';
import type { CommandIo } from './command-io.ts';
import { InterruptedError, UsageError } from './exit-code.ts';
import { formatTable } from './terminal/format-table.ts';

export interface ReportOptions {
  readonly json: boolean;
  readonly debug: boolean;
}

export function reportError(
  io: Pick<CommandIo, 'stderr'>,
  error: unknown,
  options: ReportOptions,
): void {
  const text = options.json ? JSON.stringify(jsonOf(error)) : wordsOf(error);
  io.stderr.write(`${text}\n`);
  if (!options.debug) return;
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    io.stderr.write(`${withSourcePlaces(cause.stack ?? cause.message)}\n`);
  }
}

function jsonOf(error: unknown): Readonly<Record<string, unknown>> {
  if (error instanceof UsherError) {
    return { ...error.members, code: error.code, detail: error.detail };
  }
  if (error instanceof SettingsError) {
    return { code: 'settings_invalid', detail: error.message, problems: error.problems };
  }
  if (error instanceof UsageError) return { code: 'usage', detail: error.message };
  if (error instanceof InterruptedError) return { code: 'interrupted', detail: error.message };
  return { code: 'internal', detail: unexpected(error) };
}

function wordsOf(error: unknown): string {
  if (error instanceof UsherError) return usherErrorWords(error);
  if (error instanceof SettingsError) {
    const lines = error.problems.map((problem) => `  ${problem}`);
    return ['usher: these settings are wrong:', ...lines].join('\n');
  }
  if (error instanceof UsageError || error instanceof InterruptedError) {
    return `usher: ${error.message}`;
  }
  return `usher: ${unexpected(error)}`;
}

function usherErrorWords(error: UsherError): string {
  const { problems, tokens } = error.members;
  if (error.code === 'token_ambiguous' && Array.isArray(tokens)) {
    return `usher: ${error.detail}\n${tokenTable(tokens as readonly ListedToken[])}`;
  }
  if (Array.isArray(problems)) {
    const lines = (problems as readonly { path: string; detail: string }[]).map(
      ({ path, detail }) =>
        path === '' ? detail : `${terminalName(plainPath(path).slice(1))}: ${detail}`,
    );
    return lines.map((line) => `usher: ${line.replaceAll('\n', ' ')}`).join('\n');
  }
  // Only the first line names the program: other lines may be commands to paste.
  return `usher: ${error.detail}`;
}

interface ListedToken {
  readonly id: string;
  readonly last_characters: string;
  readonly name: string | null;
  readonly created_by: string;
}

function tokenTable(tokens: readonly ListedToken[]): string {
  const rows = tokens.map((token) => [
    token.id,
    token.last_characters,
    token.name ?? '-',
    token.created_by,
  ]);
  return formatTable([['ID', 'LAST 3', 'NAME', 'CREATED BY'], ...rows]);
}

function unexpected(error: unknown): string {
  const words = error instanceof Error ? error.message : 'an unexpected error occurred';
  return `${words}\nTo see where it failed, add --log-level debug. To look for the cause: usher doctor`;
}
