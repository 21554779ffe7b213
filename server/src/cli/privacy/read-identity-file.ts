/**
 * Reads a file with an identity in the first column of each line. Its first line may be a header:
 * `identity`, or the name of an identity type. Then the other lines have values of that type.
 */
import { readFile, stat } from 'node:fs/promises';
import type { OrganizationState } from '../../domain/catalog-state.ts';
import { UsherError } from '../../domain/errors.ts';
import { maxErasedIdentities } from '../../domain/limits.ts';
import { terminalName } from '../../domain/terminal-text.ts';
import type { IdentityKey } from '../../stores/store.ts';
import { readIdentity } from '../contact/contact-call.ts';
import { UsageError } from '../exit-code.ts';
import { maxPrivacyFileBytes, shownBadLines } from '../limits.ts';

/**
 * @returns each identity once
 * @throws UsageError with the numbers of bad lines, never with their text: it may be personal
 */
export async function readIdentityFile(
  organization: OrganizationState,
  path: string,
): Promise<readonly IdentityKey[]> {
  const lines = (await readText(path)).replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  const header =
    firstCell(lines[0] ?? '')
      ?.trim()
      .toLowerCase() ?? '';
  // Names of identity types have only small letters.
  const isTyped = organization.identityTypes.has(header);
  const hasHeader = isTyped || header === 'identity';
  const prefix = isTyped ? `${header}:` : '';
  const keys = new Map<string, IdentityKey>();
  const faults: string[] = [];
  for (const [place, line] of lines.entries()) {
    if ((place === 0 && hasHeader) || line.trim() === '') continue;
    const key = readLine(organization, line, prefix);
    if (typeof key === 'string') faults.push(`Line ${place + 1}: ${key}`);
    else keys.set(`${key.typeId} ${Buffer.from(key.digest).toString('hex')}`, key);
  }
  if (faults.length > 0) throw badLines(path, faults, hasHeader);
  if (keys.size > maxErasedIdentities) {
    throw new UsageError(
      `${terminalName(path)} has ${keys.size} identities. A request may have at most ${maxErasedIdentities}: split the file.`,
    );
  }
  if (keys.size > 0) return [...keys.values()];
  throw new UsageError(
    `${terminalName(path)} has no identity. Write one on each line, such as email:tom@hello.com.`,
  );
}

export async function readText(path: string): Promise<string> {
  const name = terminalName(path);
  const stats = await stat(path).catch(() => undefined);
  if (stats === undefined) throw new UsageError(`There is no file ${name}. Check its path.`);
  if (stats.isDirectory()) throw new UsageError(`${name} is a folder. Name a file in it.`);
  if (stats.size > maxPrivacyFileBytes) {
    throw new UsageError(`${name} is larger than ${maxPrivacyFileBytes / 1_048_576} MB. Split it.`);
  }
  return decodeUtf8(await readFile(path), name);
}

/** Text of another encoding would name other people, or nobody. */
function decodeUtf8(bytes: Buffer, name: string): string {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    return decoder.decode(bytes);
  } catch {
    const line = firstBadLine(bytes, decoder);
    throw new UsageError(`${name} is not UTF-8 (line ${line}). Save it as UTF-8.`);
  }
}

function firstBadLine(bytes: Buffer, decoder: TextDecoder): number {
  let line = 1;
  let start = 0;
  for (;;) {
    const end = bytes.indexOf(0x0a, start);
    try {
      decoder.decode(bytes.subarray(start, end < 0 ? undefined : end));
    } catch {
      return line;
    }
    if (end < 0) return line;
    start = end + 1;
    line += 1;
  }
}

function readLine(
  organization: OrganizationState,
  line: string,
  prefix: string,
): IdentityKey | string {
  const cell = firstCell(line);
  if (cell === undefined) return 'A quotation mark is not closed.';
  try {
    return readIdentity(organization, `${prefix}${cell.trim()}`);
  } catch (error) {
    if (error instanceof UsherError) return error.detail;
    throw error;
  }
}

/** The text of the first cell; `undefined` if its quotation mark is not closed. */
function firstCell(line: string): string | undefined {
  const text = line.trimStart();
  if (!text.startsWith('"')) return text.split(',', 1)[0] ?? '';
  const closed = /^"((?:[^"]|"")*)"/.exec(text);
  return closed?.[1]?.replaceAll('""', '"');
}

const fileForm =
  'Write an identity such as email:tom@hello.com in the first column of each line, with commas between columns. If all have one type, the first line may be its name, such as email.';

function badLines(path: string, faults: readonly string[], hasHeader: boolean): UsageError {
  const shown = faults.slice(0, shownBadLines);
  const left = faults.length - shown.length;
  const more = left > 0 ? [`And ${left} more.`] : [];
  const words = `${terminalName(path)} has ${faults.length} bad ${faults.length === 1 ? 'line' : 'lines'}. Nothing was erased.`;
  const help = hasHeader ? [] : [fileForm];
  return new UsageError([words, ...shown, ...more, ...help].join('\n'));
}
