/** The reference page of the API and its script, both from this server: nothing is loaded from elsewhere, and nothing may be. */
import { randomBytes } from 'node:crypto';
import { getDocsPage, getDocsScript } from '@usher/contract/server-operations';
import { headLine } from '../answer.ts';
import type { BytesAnswer, Route } from '../route.ts';

export const getDocsPageRoute: Route = {
  operation: getDocsPage,
  answer: () => {
    const nonce = randomBytes(16).toString('base64');
    const head = [
      headLine('Content-Type', 'text/html; charset=utf-8'),
      headLine('Content-Security-Policy', contentPolicy(nonce)),
      headLine('X-Frame-Options', 'DENY'),
      headLine('Cross-Origin-Opener-Policy', 'same-origin'),
      headLine('Cache-Control', 'no-store'),
    ];
    return { status: 200, head: commonHead + head.join(''), body: page(nonce) };
  },
};

const commonHead =
  headLine('X-Content-Type-Options', 'nosniff') + headLine('Referrer-Policy', 'no-referrer');

/** Scripts and styles only from here or with the nonce. Inline style attributes are what the page's components are laid out with. */
function contentPolicy(nonce: string): string {
  const rules = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src-elem 'nonce-${nonce}'`,
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return rules.join('; ');
}

/** The bundle reads the nonce of its styles from the meta element. */
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
<script nonce="${nonce}" src="${getDocsScript.path}"></script>
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

export const getDocsScriptRoute: Route = {
  operation: getDocsScript,
  answer: async (_context, { headers }): Promise<BytesAnswer> => {
    const { scriptBytes, scriptTag } = await loadScript();
    const tagged = `${commonHead}${headLine('ETag', scriptTag)}${headLine('Cache-Control', 'no-cache')}`;
    if (headers['if-none-match'] === scriptTag) {
      return { status: 304, head: tagged, body: Buffer.alloc(0) };
    }
    const head = `${tagged}${headLine('Content-Type', 'text/javascript; charset=utf-8')}`;
    const encoding = headLine('Content-Encoding', 'gzip');
    return { status: 200, head: head + encoding, body: scriptBytes };
  },
};

async function loadScript() {
  const { referenceScript } = await import('../reference-script.ts');
  return referenceScript();
}
