/** The HTML around each documentation page. The page contains its style and loads nothing. */
import { hash } from 'node:crypto';

export interface DocsPageParts {
  readonly title: string;
  /** HTML. */
  readonly content: string;
  /** The path from the page to the list of pages, such as `../`. */
  readonly root: string;
}

export function frameDocsPage({ title, content, root }: DocsPageParts): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<nav><a href="${root}">All pages</a> <a href="${root}api">The API in detail</a></nav>
<main>
${content}</main>
</body>
</html>
`;
}

export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

const style = `
:root { color-scheme: light dark; }
body { margin: 0 auto; max-width: 54rem; padding: 1rem 1.25rem 4rem; font: 1rem/1.6 system-ui, sans-serif; }
nav { display: flex; gap: 1.5rem; }
h1, h2, h3 { line-height: 1.25; margin: 2rem 0 0.75rem; }
code, pre { font-family: ui-monospace, monospace; font-size: 0.9em; }
code { background: #8882; border-radius: 3px; padding: 0.1em 0.25em; overflow-wrap: break-word; }
pre { background: #8882; border-radius: 6px; overflow-x: auto; padding: 0.75rem 1rem; }
pre code { background: none; padding: 0; }
table { border-collapse: collapse; display: block; overflow-x: auto; }
img { display: block; max-width: 100%; height: auto; }
th, td { border: 1px solid #8886; padding: 0.3rem 0.6rem; text-align: left; vertical-align: top; }
`;

/** The style's source expression for the content policy. */
export const styleDigest = `sha256-${hash('sha256', style, 'base64')}`;
