/** Paginated JSON: page after page asked for, the rows of all of them written to one file, an object a line. */
import { open } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { HttpPages } from '../../domain/dataset-definition.ts';
import { UsherError } from '../../domain/errors.ts';
import { maxHttpPageBytes, maxHttpPages } from '../limits.ts';
import { type FetchSettings, failureOf, fetchAnswer, readUrl, whereOf } from './fetch-answer.ts';
import { parseExactJson, valueAt } from './json-page.ts';
import { bodyStreams } from './read-body.ts';

/** @throws UsherError `definition_invalid`, `source_unavailable` */
export async function readPages(
  start: URL,
  pages: HttpPages,
  options: { readonly settings: FetchSettings; readonly path: string; readonly maxPages?: number },
): Promise<void> {
  const { settings, path, maxPages = maxHttpPages } = options;
  const file = await open(path, 'w', 0o600);
  const seen = new Set<string>();
  try {
    let url: URL | undefined = start;
    for (let number = 1; url !== undefined; number += 1) {
      if (number > maxPages) throw wrong(start, `has more than ${maxPages} pages`);
      if (seen.has(url.href))
        throw wrong(start, `names on page ${number - 1} a page that was read before`);
      seen.add(url.href);
      const answer = await fetchAnswer(url, settings);
      const page = await readPage(answer.url, answer.message, { settings, number });
      const items = valueAt(page, pages.items);
      if (!Array.isArray(items))
        throw wrong(start, `has no list of rows at "${pages.items}" on page ${number}`);
      const lines = (items as unknown[]).map((item) => `${JSON.stringify(item)}\n`);
      await file.appendFile(lines.join(''));
      url = nextPage(page, answer.message, { pages, start, current: answer.url });
    }
  } finally {
    await file.close();
  }
}

async function readPage(
  url: URL,
  message: IncomingMessage,
  { settings, number }: { readonly settings: FetchSettings; readonly number: number },
): Promise<unknown> {
  const pieces: Buffer[] = [];
  let length = 0;
  const count = (bytes: number) => {
    length += bytes;
    settings.bounds.add(bytes);
    if (length <= maxHttpPageBytes) return;
    throw wrong(url, `gives more than ${maxHttpPageBytes} bytes as page ${number}`);
  };
  try {
    const [first, ...rest] = bodyStreams(message, count);
    await pipeline([first, ...rest, gather(pieces)]);
  } catch (error) {
    throw failureOf(url, error, settings.bounds);
  }
  const page = parseExactJson(Buffer.concat(pieces).toString('utf8'));
  if (page === undefined) throw wrong(url, `gives no JSON as page ${number}`);
  return page;
}

function gather(pieces: Buffer[]): (source: AsyncIterable<Buffer>) => Promise<void> {
  return async (source) => {
    for await (const piece of source) pieces.push(piece);
  };
}

interface Place {
  readonly pages: HttpPages;
  readonly start: URL;
  readonly current: URL;
}

function nextPage(page: unknown, message: IncomingMessage, place: Place): URL | undefined {
  const { pages, start, current } = place;
  const next = pages.next === null ? nextLink(message.headers['link']) : valueAt(page, pages.next);
  if (next === undefined || next === null || next === '' || next === false) return undefined;
  if (typeof next !== 'string' && (typeof next !== 'number' || pages.parameter === null)) {
    throw wrong(start, 'gives no text as its next page');
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

/** RFC 8288: `<https://...>; rel="next"`, among others. */
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

/** Whether the parameters that begin there say that their link is the next page. */
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
  return new UsherError('definition_invalid', `${whereOf(url)} ${words}.`);
}
