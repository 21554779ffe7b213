/** Fetches paginated JSON and writes the rows of all pages to one NDJSON file. */
import { pipeline } from 'node:stream/promises';
import type { HttpPages } from '../../domain/dataset/dataset-definition.ts';
import type { UsherError } from '../../domain/errors.ts';
import { countMembers, measureJson } from '../../domain/value/measure-json.ts';
import { readEncoding } from '../declared-encoding.ts';
import { elementTexts, parseExactJson, repeatsMembers, valueAt } from '../json-text.ts';
import { maxHttpPageBytes, maxHttpPages } from '../limits.ts';
import { LineFile } from '../line-file.ts';
import { invalidSource } from '../source-failure.ts';
import {
  type Answer,
  type FetchSettings,
  failureOf,
  fetchAnswer,
  readUrl,
  whereOf,
} from './fetch-answer.ts';
import { answerEncoding, bodyStreams } from './read-body.ts';

interface PagesOptions {
  readonly settings: FetchSettings;
  /** The file to write. */
  readonly path: string;
  /** The encoding of the definition; by default that of each answer, or else UTF-8. */
  readonly encoding: string | undefined;
  readonly maxPages: number | undefined;
}

/** @throws UsherError `definition_invalid`, `source_unavailable` */
export async function readPages(
  start: URL,
  pages: HttpPages,
  options: PagesOptions,
): Promise<void> {
  const { settings, path, maxPages = maxHttpPages } = options;
  await using file = await LineFile.create(path);
  const seen = new Set<string>();
  let url: URL | undefined = start;
  for (let number = 1; url !== undefined; number += 1) {
    if (number > maxPages) throw wrong(start, `has more than ${maxPages} pages`);
    if (seen.has(url.href)) {
      throw wrong(start, `links from page ${number - 1} to a page that was already read`);
    }
    seen.add(url.href);
    const answer = await fetchAnswer(url, settings);
    const text = await readPage(answer, number, options);
    const page = parseExactJson(text);
    if (page === undefined) throw wrong(answer.url, `sends no JSON as page ${number}`);
    const items = valueAt(page, pages.items);
    if (!Array.isArray(items)) {
      throw wrong(start, `has no list of rows at "${pages.items}" on page ${number}`);
    }
    const rows = rowTexts({ text, page, items }, pages.items);
    if (rows === undefined) {
      throw wrong(start, `repeats a member outside of the rows of page ${number}`);
    }
    for (const row of rows) await file.add(row);
    url = nextPage(page, { pages, start, answer });
  }
  await file.end();
}

interface Page {
  readonly text: string;
  readonly page: unknown;
  readonly items: readonly unknown[];
}

/**
 * The rows of a page, one line each. A row with two members of one name is passed on as it is
 * written, so that the reader of the file rejects it.
 * @returns `undefined` when such members are outside the rows
 */
function rowTexts({ text, page, items }: Page, pointer: string): readonly string[] | undefined {
  if (!repeatsMembers(text, page)) return items.map((item) => JSON.stringify(item));
  const rows = elementTexts(text, pointer);
  const lost = (whole: string, value: unknown) => measureJson(whole).members - countMembers(value);
  const inRows = rows.reduce((sum, row, index) => sum + lost(row, items[index]), 0);
  return inRows === lost(text, page) ? rows : undefined;
}

async function readPage(
  { url, message }: Answer,
  number: number,
  { settings, encoding }: PagesOptions,
): Promise<string> {
  const declared = readEncoding(encoding ?? answerEncoding(message) ?? 'utf-8');
  const pieces: Buffer[] = [];
  let length = 0;
  const count = (bytes: number) => {
    length += bytes;
    settings.bounds.add(bytes);
    if (length <= maxHttpPageBytes) return;
    throw wrong(url, `sends more than ${maxHttpPageBytes} bytes as page ${number}`);
  };
  try {
    const [first, ...rest] = bodyStreams(message, count);
    const gather = async (body: AsyncIterable<Buffer>) => {
      for await (const piece of body) pieces.push(piece);
    };
    await pipeline([first, ...rest, gather]);
  } catch (error) {
    throw failureOf(url, error, settings.bounds);
  }
  try {
    return new TextDecoder(declared, { fatal: true }).decode(Buffer.concat(pieces));
  } catch {
    throw wrong(url, `sends bytes that are not ${declared} as page ${number}`);
  }
}

interface PageLink {
  readonly pages: HttpPages;
  readonly start: URL;
  readonly answer: Answer;
}

function nextPage(page: unknown, { pages, start, answer }: PageLink): URL | undefined {
  const { url: current, message } = answer;
  const next = pages.next === null ? nextLink(message.headers['link']) : valueAt(page, pages.next);
  if (next === undefined || next === null || next === '' || next === false) return undefined;
  if (typeof next !== 'string' && (typeof next !== 'number' || pages.parameter === null)) {
    throw wrong(start, 'names its next page by something other than a text');
  }
  if (pages.parameter !== null) {
    const url = new URL(start);
    url.searchParams.set(pages.parameter, String(next));
    return url;
  }
  const url = readUrl(String(next), current);
  if (url.origin !== start.origin) throw wrong(start, 'names a next page on another server');
  return url;
}

/** The URL of `<https://...>; rel="next"` in a Link header (RFC 8288). */
function nextLink(header: string | string[] | undefined): string | undefined {
  const text = Array.isArray(header) ? header.join(', ') : (header ?? '');
  let start = text.indexOf('<');
  while (start !== -1) {
    const end = text.indexOf('>', start);
    if (end === -1) return undefined;
    if (isNext(text, end + 1)) return text.slice(start + 1, end);
    start = text.indexOf('<', end);
  }
  return undefined;
}

/** Whether the link's parameters, which begin at `start`, contain `rel="next"`. */
function isNext(text: string, start: number): boolean {
  const parameter = /\s*;\s*([^\s=;,"<]+)(?:\s*=\s*(?:"([^"]*)"|([^\s;,"<]*)))?/y;
  parameter.lastIndex = start;
  for (let found = parameter.exec(text); found !== null; found = parameter.exec(text)) {
    const [, name = '', quoted, bare = ''] = found;
    const relations = (quoted ?? bare).toLowerCase().split(/\s/);
    if (name.toLowerCase() === 'rel' && relations.includes('next')) return true;
  }
  return false;
}

function wrong(url: URL, words: string): UsherError {
  return invalidSource(`${whereOf(url)} ${words}.`);
}
