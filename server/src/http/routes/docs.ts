/** The `docs` folder as pages, loaded on first use: most threads never serve them. */
import * as operations from '@usher/contract/server-operations';
import { headLine } from '../answer.ts';
import type { DocsSite } from '../pages/docs-site.ts';
import { keptAnswer, pageHead } from '../pages/page-answer.ts';
import { problemAnswer } from '../problem-response.ts';
import type { RequestFacts, Route } from '../route.ts';

export const docsRoutes: readonly Route[] = [
  // Redirects a browser to the documentation.
  { operation: operations.redirectRoot, answer: () => redirect(302) },
  // Links of the pages are relative, so the list needs a path that ends in `/`.
  { operation: operations.redirectDocs, answer: () => redirect(308) },
  { operation: operations.getDocsIndex, answer: answerPage },
  { operation: operations.getDocsPage, answer: answerPage },
  { operation: operations.getDocsFolderPage, answer: answerPage },
];

function redirect(status: number) {
  return { status, head: headLine('Location', '/docs/'), body: '' };
}

async function answerPage(_context: unknown, { params, headers, requestId }: RequestFacts) {
  const { folder, page: name = '' } = params;
  const site = await loadSite();
  const page = site.page(folder === undefined ? name : `${folder}/${name}`);
  if (page === undefined) {
    const detail = site.isEmpty
      ? 'The pages are not installed: the program has no folder docs beside it.'
      : 'This page does not exist. /docs/ lists all pages.';
    return problemAnswer({ code: 'route_unknown', detail }, requestId);
  }
  const head = pageHead([`style-src '${site.styleDigest}'`, 'img-src data:']);
  return keptAnswer(page, { ifNoneMatch: headers['if-none-match'], head });
}

const docsFolder = new URL('../../../../docs/', import.meta.url);

let loading: Promise<DocsSite> | undefined;

function loadSite(): Promise<DocsSite> {
  loading ??= import('../pages/docs-site.ts')
    .then(({ readDocsSite }) => readDocsSite(docsFolder))
    .catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
  return loading;
}
