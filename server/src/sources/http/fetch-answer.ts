/**
 * Fetches a URL: follows redirects, checks each, and repeats a request to a busy server. The
 * definition's headers hold secrets and are sent to the origin of its URL only.
 */
import type { IncomingMessage } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { UsherError } from '../../domain/errors.ts';
import type { FetchBounds } from '../fetch-bounds.ts';
import { maxHttpAttempts, maxRedirects, maxRetryAfterMs } from '../limits.ts';
import { codeOf, invalidSource, networkFailure, sourceError } from '../source-failure.ts';
import { type ExchangeOptions, exchange } from './exchange.ts';

export interface FetchSettings extends Omit<ExchangeOptions, 'signal'> {
  /** The origin that receives the headers. */
  readonly origin: string;
  readonly bounds: FetchBounds;
  /** The wait before the second attempt. It doubles with each attempt. */
  readonly retryMs: number;
}

export interface Answer {
  /** After redirects. */
  readonly url: URL;
  readonly message: IncomingMessage;
}

const redirects = new Set([301, 302, 303, 307, 308]);

/** @throws UsherError `definition_invalid`, `source_unavailable` */
export async function fetchAnswer(start: URL, settings: FetchSettings): Promise<Answer> {
  let url = start;
  for (let hops = 0; ; hops += 1) {
    const message = await askAgain(url, settings);
    const status = message.statusCode ?? 0;
    if (status === 200) return { url, message };
    message.destroy();
    if (!redirects.has(status)) throw refusal(url, status);
    if (hops === maxRedirects) {
      throw invalidSource(`${whereOf(url)} redirects more than ${maxRedirects} times.`);
    }
    url = redirected(url, message.headers.location);
  }
}

/**
 * Parses and checks a URL.
 * @throws UsherError `definition_invalid`
 */
export function readUrl(text: string, base?: URL): URL {
  const refuse = (why: string) => invalidSource(`The source's URL ${why}.`);
  if (!URL.canParse(text, base)) throw refuse('is not a valid URL');
  const url = new URL(text, base);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw refuse('must begin with https:// or http://');
  }
  if (url.username !== '' || url.password !== '') {
    throw refuse('holds a user name or a password: use a header with a secret reference instead');
  }
  url.hash = '';
  return url;
}

/** Names the server only: a path or a query may hold a secret. */
export function whereOf(url: URL): string {
  return `The server ${url.host}`;
}

function redirected(from: URL, location: string | undefined): URL {
  if (location === undefined) {
    throw invalidSource(`${whereOf(from)} redirects without saying where to.`);
  }
  const url = readUrl(location, from);
  if (from.protocol === 'https:' && url.protocol === 'http:') {
    throw invalidSource(
      `${whereOf(from)} redirects from https to http. Use a URL that stays with https.`,
    );
  }
  return url;
}

/** Safe to repeat, because a GET changes nothing. */
async function askAgain(url: URL, settings: FetchSettings): Promise<IncomingMessage> {
  const { bounds, retryMs } = settings;
  const headers = url.origin === settings.origin ? settings.headers : {};
  for (let attempt = 1; ; attempt += 1) {
    const answer = await exchange(url, { ...settings, headers, signal: bounds.signal }).catch(
      (error: unknown) => failureOf(url, error, bounds),
    );
    const isLast = attempt === maxHttpAttempts;
    if (answer instanceof UsherError) {
      if (isLast || answer.code !== 'source_unavailable') throw answer;
    } else if (isLast || !isBusy(answer.statusCode ?? 0)) {
      return answer;
    }
    const asked = answer instanceof UsherError ? undefined : retryAfterMs(answer);
    if (!(answer instanceof UsherError)) answer.destroy();
    const pauseMs = asked ?? retryMs * 2 ** (attempt - 1);
    await wait(pauseMs, undefined, { signal: bounds.signal }).catch(() => bounds.throwIfEnded());
  }
}

function isBusy(status: number): boolean {
  return status === 429 || status === 408 || (status >= 500 && status !== 501);
}

function retryAfterMs(answer: IncomingMessage): number | undefined {
  const text = answer.headers['retry-after'];
  if (text === undefined || !/^\d{1,6}$/.test(text)) return undefined;
  return Math.min(Number(text) * 1_000, maxRetryAfterMs);
}

/**
 * The error for a network failure.
 * @throws the reason, if the fetch was interrupted or timed out as a whole
 */
export function failureOf(url: URL, error: unknown, bounds: FetchBounds): UsherError {
  bounds.throwIfEnded();
  if (error instanceof UsherError) return error;
  const known = networkFailure(error, 'has a TLS certificate of an unknown authority');
  if (known !== undefined) return sourceError(whereOf(url), known);
  const isBroken = /^(?:HPE_|ERR_)/.test(codeOf(error) ?? '');
  const words = isBroken ? 'does not answer as a web server' : 'ended its answer too early';
  return sourceError(whereOf(url), { code: 'source_unavailable', words });
}

function refusal(url: URL, status: number): UsherError {
  if (status === 401 || status === 403) {
    const words = `refused access (${status}): check the headers of the source`;
    return sourceError(whereOf(url), { code: 'definition_invalid', words });
  }
  const code = isBusy(status) ? 'source_unavailable' : 'definition_invalid';
  return sourceError(whereOf(url), { code, words: `answered with status ${status}` });
}
