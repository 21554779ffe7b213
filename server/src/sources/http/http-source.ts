/** Fetches a file, or the pages of a JSON API, into the run's folder. */
import { createWriteStream } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { SourceDefinition } from '../../domain/dataset/dataset-definition.ts';
import { FetchBounds, type FetchLimits } from '../fetch-bounds.ts';
import {
  type FileShape,
  fileFormatOf,
  knownFormatOf,
  packings,
  shapeOfMediaType,
} from '../file-format.ts';
import type { OpenSourceOptions } from '../source.ts';
import { invalidSource, writingFailure } from '../source-failure.ts';
import { makeAddressGuard } from './address-guard.ts';
import {
  type ExchangeLimits,
  type Network,
  systemNetwork,
  usualExchangeLimits,
} from './exchange.ts';
import {
  type Answer,
  type FetchSettings,
  failureOf,
  fetchAnswer,
  readUrl,
} from './fetch-answer.ts';
import { answerEncoding, bodyStreams } from './read-body.ts';
import { readPages } from './read-pages.ts';

export type HttpDefinition = Extract<SourceDefinition, { kind: 'http' }>;

export interface FetchedFile {
  /** Its extensions show the format. */
  readonly path: string;
  /** For messages. */
  readonly name: string;
  readonly bytes: number;
  /** The encoding that the definition or the answer declares. */
  readonly encoding: string | undefined;
}

/** Tests replace these. */
export interface HttpSurroundings {
  readonly network?: Network;
  readonly limits?: FetchLimits;
  readonly exchangeLimits?: ExchangeLimits;
  readonly maxPages?: number;
  readonly retryMs?: number;
}

/**
 * Fetches the source's file, or all of its pages, into `options.folder`.
 * @throws UsherError `definition_invalid`, `source_unavailable`, `storage_full`
 */
export async function fetchHttpFile(
  definition: HttpDefinition,
  options: OpenSourceOptions,
  surroundings: HttpSurroundings = {},
): Promise<FetchedFile> {
  if (options.watermark !== null) {
    throw invalidSource(
      'A source over HTTP cannot be incremental: its mode must be append or snapshot.',
    );
  }
  const url = readUrl(definition.url);
  const headers = await readHeaders(definition, options);
  const bounds = new FetchBounds(options, surroundings.limits);
  const settings: FetchSettings = {
    headers,
    origin: url.origin,
    mayReach: makeAddressGuard(options.allowedAddresses),
    network: surroundings.network ?? systemNetwork,
    limits: surroundings.exchangeLimits ?? usualExchangeLimits,
    bounds,
    retryMs: surroundings.retryMs ?? 1_000,
  };
  const name = `The file from ${url.host}`;
  try {
    const { folder } = options;
    const { maxPages } = surroundings;
    const fetched = await bounds.within(fetchInto(definition, url, { settings, folder, maxPages }));
    return { ...fetched, name, bytes: bounds.bytes };
  } catch (error) {
    if (bounds.signal.aborted) throw error;
    throw writingFailure(error) ?? failureOf(url, error, bounds);
  } finally {
    bounds.end();
  }
}

interface Fetching {
  readonly settings: FetchSettings;
  readonly folder: string;
  readonly maxPages: number | undefined;
}

async function fetchInto(
  definition: HttpDefinition,
  url: URL,
  { settings, folder, maxPages }: Fetching,
): Promise<Pick<FetchedFile, 'path' | 'encoding'>> {
  if (definition.pages !== null) {
    const path = join(folder, 'fetched.ndjson');
    const { encoding } = definition;
    await readPages(url, definition.pages, { settings, path, encoding, maxPages });
    return { path, encoding: undefined };
  }
  const answer = await fetchAnswer(url, settings);
  const shape = shapeOf(definition, answer);
  const plain = join(folder, 'fetched');
  const [first, ...rest] = bodyStreams(answer.message, (bytes) => settings.bounds.add(bytes));
  await pipeline([first, ...rest, createWriteStream(plain, { mode: 0o600 })]);
  const path = await renamed(plain, shape);
  return { path, encoding: definition.encoding ?? answerEncoding(answer.message) };
}

/** The format, from the definition, else from the URL's path, else from the media type. */
function shapeOf({ format, url }: HttpDefinition, answer: Answer): FileShape {
  if (format !== null) return fileFormatOf(`source.${format}`).shape;
  const paths = [new URL(url), answer.url].map(({ pathname }) => pathname);
  for (const path of paths) {
    const known = knownFormatOf(path);
    if (known !== undefined) return known.shape;
  }
  const shape = shapeOfMediaType(mediaTypeOf(answer.message));
  if (shape !== undefined) return shape;
  throw invalidSource(
    'The format of the file cannot be detected from its URL or its media type. Add it to the definition, for example format: csv or format: ndjson.gz.',
  );
}

function mediaTypeOf(message: IncomingMessage): string {
  return (message.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
}

/**
 * Adds the format's extension. The first bytes tell whether the file is still compressed: a server
 * may have removed the compression, or not have declared it.
 */
async function renamed(plain: string, shape: FileShape): Promise<string> {
  await using file = await open(plain);
  const { buffer: head } = await file.read(Buffer.alloc(4), 0, 4, 0);
  const start = head.toString('hex');
  const packing = Object.values(packings).find(({ firstBytes }) => start.startsWith(firstBytes));
  const packed = `${plain}.${shape}.${packing?.extension}`;
  const path = knownFormatOf(packed) === undefined ? `${plain}.${shape}` : packed;
  await rename(plain, path);
  return path;
}

const namePattern = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/;
const ownHeaders = new Set([
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'accept-encoding',
  'upgrade',
]);

async function readHeaders(
  { headers }: HttpDefinition,
  { secrets }: OpenSourceOptions,
): Promise<Readonly<Record<string, string>>> {
  const read: [string, string][] = [];
  for (const [name, reference] of headers) {
    if (ownHeaders.has(name.toLowerCase())) {
      throw invalidSource(`Usher sets the header ${name} itself. Remove it from the definition.`);
    }
    if (!namePattern.test(name)) {
      throw invalidSource(`The header name ${name.slice(0, 100)} is not valid. Correct it.`);
    }
    const value = await secrets(reference);
    if (!/^[\t\x20-\x7e]*$/.test(value)) {
      throw invalidSource(
        `The secret ${reference} cannot be sent as a header. Use a secret of printable ASCII characters.`,
      );
    }
    read.push([name.toLowerCase(), value]);
  }
  return Object.fromEntries(read);
}
