/** The `docs` folder as pages, loaded on first use: most threads never serve them. */
import * as operations from '@usher/contract/server-operations';
import { headLine } from '../answer.ts';
import type { DocsSite } from '../pages/docs-site.ts';
import { keptAnswer, pageHead } from '../pages/page-answer.ts';
import { problemAnswer } from '../problem-response.ts';
import type { RequestFacts, Route } from '../route.ts';

export const docsRoutes: readonly Route[] = [
  // Leads a browser to the documentation.
  { operation: operations.redirectRoot, answer: () => redirect(302) },
  // Links of the pages are relative, so the list needs a path that ends in `/`.
  { operation: operations.redirectDocs, answer: () => redirect(308) },
  { operation: operations.getDocsIndex, answer: (_context, request) => answerPage('', request) },
  {
    operation: operations.getDocsPage,
    answer: (_context, request) => answerPage(request.params['page'] ?? '', request),
  },
  {
    operation: operations.getDocsFolderPage,
    answer: (_context, request) => {
      const { folder, page } = request.params;
      return answerPage(`${folder}/${page}`, request);
    },
  },
];

function redirect(status: number) {
  return { status, head: headLine('Location', '/docs/'), body: '' };
}

/** @param name as the caller wrote it; '' is the list of pages */
async function answerPage(name: string, { headers, requestId }: RequestFacts) {
  const site = await loadSite();
  const page = site.page(name);
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
