/** The reference page of the API and its script. Nothing is loaded from other servers. */
import { randomBytes } from 'node:crypto';
import { getReferencePage, getReferenceScript } from '@usher/contract/server-operations';
import { headLine } from '../answer.ts';
import { browserHead, keptAnswer, pageHead } from '../pages/page-answer.ts';
import { referenceScript } from '../pages/reference-script.ts';
import type { Route } from '../route.ts';

export const referenceRoutes: readonly Route[] = [
  {
    operation: getReferencePage,
    answer: () => {
      const nonce = randomBytes(16).toString('base64');
      const rules = pageHead(contentRules(nonce));
      const head = browserHead + rules + headLine('Cache-Control', 'no-store');
      return { status: 200, head, body: page(nonce) };
    },
  },
  {
    operation: getReferenceScript,
    answer: async (_context, { headers }) => {
      const script = await referenceScript();
      return keptAnswer(script, { ifNoneMatch: headers['if-none-match'], head: scriptHead });
    },
  },
];

const scriptHead =
  headLine('Content-Type', 'text/javascript; charset=utf-8') + headLine('Content-Encoding', 'gzip');

/** Only scripts and styles with the nonce. The page's layout needs inline style attributes. */
function contentRules(nonce: string): string[] {
  return [
    `script-src 'nonce-${nonce}'`,
    `style-src-elem 'nonce-${nonce}'`,
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self' data:",
    "connect-src 'self'",
  ];
}

/** The script reads the nonce for its styles from the meta element. */
function page(nonce: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta property="csp-nonce" content="${nonce}" nonce="${nonce}">
<title>Usher API</title>
<link rel="icon" href="data:,">
</head>
<body>
<div id="reference"></div>
<script nonce="${nonce}" src="${getReferenceScript.path}"></script>
<script nonce="${nonce}">Scalar.createApiReference('#reference', ${JSON.stringify(configuration)})</script>
</body>
</html>
`;
}

const configuration = {
  url: '/openapi.json',
  withDefaultFonts: false,
  telemetry: false,
  hideClientButton: true,
  agent: { disabled: true },
  mcp: { disabled: true },
  showDeveloperTools: 'never',
};
