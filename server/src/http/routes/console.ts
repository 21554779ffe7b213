/**
 * The pages of the console and their files. Every path below `/console` gets the same page, which
 * then shows the view of its address. The session API below `/console/api` has routes of its own.
 */
import { randomBytes } from 'node:crypto';
import * as operations from '@usher/contract/console-operations';
import { type AnyAnswer, headLine } from '../answer.ts';
import {
  type ConsoleAsset,
  type ConsoleSite,
  nonceMark,
  readConsoleSite,
} from '../pages/console-site.ts';
import { frameDocsPage, styleDigest } from '../pages/docs-frame.ts';
import { browserHead, pageHead } from '../pages/page-answer.ts';
import { problemAnswer } from '../problem-response.ts';
import type { RequestFacts, Route } from '../route.ts';

export const consoleRoutes: readonly Route[] = [
  { operation: operations.getConsole, answer: answerPage },
  { operation: operations.getConsolePage, answer: answerPage },
  { operation: operations.getConsoleItem, answer: answerPage },
  { operation: operations.getConsolePart, answer: answerPage },
  { operation: operations.getConsoleDetail, answer: answerPage },
  { operation: operations.getConsoleAsset, answer: answerAsset },
];

async function answerPage(_context: unknown, { params, requestId }: RequestFacts) {
  // A call of the console's API or a file that does not exist must not look like a page.
  if (params['page'] === 'api' || params['page'] === 'assets') return unknown(requestId);
  const { page } = await loadSite();
  if (page === undefined) return notBuilt();
  const nonce = randomBytes(16).toString('base64');
  const head = browserHead + pageHead(contentRules(nonce)) + headLine('Cache-Control', 'no-store');
  return { status: 200, head, body: Buffer.from(page.replaceAll(nonceMark, nonce)) };
}

async function answerAsset(_context: unknown, request: RequestFacts): Promise<AnyAnswer> {
  const { params, headers, requestId } = request;
  const asset = (await loadSite()).assets.get(params['file'] ?? '');
  if (asset === undefined) return unknown(requestId);
  const { coding, bytes } = codedFor(asset, headers['accept-encoding']?.toString() ?? '');
  const head =
    browserHead +
    headLine('Content-Type', asset.mediaType) +
    headLine('Cache-Control', 'public, max-age=31536000, immutable') +
    headLine('Vary', 'Accept-Encoding') +
    (coding === undefined ? '' : headLine('Content-Encoding', coding));
  return { status: 200, head, body: bytes };
}

/** The smallest form that the caller accepts. */
function codedFor({ br, gzip, bytes }: ConsoleAsset, accepted: string) {
  const names = accepted.split(',').flatMap((part) => {
    const [name = '', quality = ''] = part.split(';').map((it) => it.trim());
    return /^q=0(?:\.0{0,3})?$/.test(quality) ? [] : [name.toLowerCase()];
  });
  if (br !== undefined && names.includes('br')) return { coding: 'br', bytes: br };
  if (gzip !== undefined && names.includes('gzip')) return { coding: 'gzip', bytes: gzip };
  return { coding: undefined, bytes };
}

/** Scripts and styles with the nonce, and what such scripts load. Nothing from other hosts. */
function contentRules(nonce: string): string[] {
  return [
    `script-src 'nonce-${nonce}' 'strict-dynamic'`,
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
  ];
}

function unknown(requestId: string) {
  const detail = 'This path does not exist. The console is at /console.';
  return problemAnswer({ code: 'route_unknown', detail }, requestId);
}

function notBuilt(): AnyAnswer {
  const content =
    '<h1>The console is not built</h1>\n<p>Stop the server, run ' +
    '<code>npm run build:console</code>, and start it again. ' +
    '<code>npm run demo</code> does this by itself.</p>\n';
  const page = frameDocsPage({ title: 'The console is not built', content, root: '/docs/' });
  const head = browserHead + pageHead([`style-src '${styleDigest}'`, 'img-src data:']);
  return {
    status: 200,
    head: head + headLine('Cache-Control', 'no-store'),
    body: Buffer.from(page),
  };
}

let loading: Promise<ConsoleSite> | undefined;

function loadSite(): Promise<ConsoleSite> {
  loading ??= readConsoleSite(distFolder()).catch((error: unknown) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

/** The package of the console carries what its build wrote. */
function distFolder(): URL {
  return new URL('./dist/', import.meta.resolve('@usher/console/package.json'));
}
