/**
 * A folder of Markdown as HTML pages. Pages are found in a list made at the start, so a request
 * never becomes a path. Each page is rendered on first use, and links work as in the folder.
 */
import { readdir, readFile } from 'node:fs/promises';
import { posix, sep } from 'node:path';
import { Marked, type Tokens } from 'marked';
import { escapeHtml, frameDocsPage, styleDigest } from './docs-frame.ts';
import { type KeptBytes, keepBytes } from './page-answer.ts';

export interface DocsSite {
  /** By path without the ending, such as `decisions/0001-...`; `''` is the list of all pages. */
  page(name: string): KeptBytes | undefined;
  /** Whether there are no pages and no list. */
  readonly isEmpty: boolean;
  /** For the content policy: the only style of a page. */
  readonly styleDigest: string;
}

/** Markdown by the name of its page. */
type Texts = ReadonlyMap<string, string>;

export async function readDocsSite(folder: URL): Promise<DocsSite> {
  const texts = await readTexts(folder);
  const rendered = new Map<string, KeptBytes>();
  return {
    isEmpty: texts.size === 0,
    styleDigest,
    page: (name) => {
      const text = texts.get(name);
      if (text === undefined) return undefined;
      const known = rendered.get(name);
      if (known !== undefined) return known;
      const page = keepBytes(Buffer.from(renderPage(name, text, texts)));
      rendered.set(name, page);
      return page;
    },
  };
}

/** Empty if the folder does not exist. */
async function readTexts(folder: URL): Promise<Texts> {
  const files = await listFiles(folder);
  const names = files
    .map((file) => file.replaceAll(sep, '/'))
    .filter((file) => /^(?:[^/]+\/)?[^/]+\.md$/.test(file))
    .map((file) => file.slice(0, -'.md'.length))
    .sort();
  const texts = await Promise.all(
    names.map(async (name) => {
      const file = new URL(`${encodeURI(name)}.md`, folder);
      return [name, await readFile(file, 'utf8')] as const;
    }),
  );
  const pages = new Map(texts);
  return pages.size === 0 ? pages : pages.set('', listPages(pages));
}

async function listFiles(folder: URL): Promise<string[]> {
  try {
    return await readdir(folder, { recursive: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** The list of pages as Markdown: the folder's own pages, then each sub-folder. */
function listPages(texts: Texts): string {
  const byFolder = Map.groupBy(texts, ([name]) => posix.dirname(name));
  const sections = [...byFolder].map(([folder, pages]) => {
    const lines = pages.map(([name, text]) => `- [${titleOf(name, text)}](${name}.md)`);
    return [folder === '.' ? '' : `## ${folder}\n`, ...lines].join('\n');
  });
  return ['# Usher\n', ...sections.sort()].join('\n\n');
}

function titleOf(name: string, text: string): string {
  return /^# (.+)$/m.exec(text)?.[1] ?? name;
}

function renderPage(name: string, text: string, texts: Texts): string {
  const marked = new Marked({
    renderer: {
      heading({ tokens, depth, text: words }) {
        const content = this.parser.parseInline(tokens);
        return `<h${depth} id="${escapeHtml(anchorOf(words))}">${content}</h${depth}>\n`;
      },
      link({ href, tokens }: Tokens.Link) {
        const content = this.parser.parseInline(tokens);
        const target = linkTarget(href, name, texts);
        return target === undefined ? content : `<a href="${escapeHtml(target)}">${content}</a>`;
      },
      // Pages contain no HTML, so an element is meant as text.
      html({ text: words }: Tokens.HTML | Tokens.Tag) {
        return escapeHtml(words);
      },
      // Nothing but text is served.
      image({ text: words }: Tokens.Image) {
        return escapeHtml(words);
      },
    },
  });
  const title = titleOf(name, text).replaceAll('`', '');
  const content = marked.parse(text, { async: false });
  return frameDocsPage({ title, content, root: rootFrom(name) });
}

/** The anchor that GitHub gives a heading. */
function anchorOf(words: string): string {
  return words
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');
}

/** The target of a link on the site; `undefined` for targets that are not served. */
function linkTarget(href: string, from: string, texts: Texts): string | undefined {
  if (/^(?:https:|#)/.test(href)) return href;
  const [path = '', anchor] = href.split('#');
  const target = posix.join(posix.dirname(from), path).replace(/\/$/, '');
  const end = anchor === undefined ? '' : `#${anchor}`;
  if (texts.has(target.replace(/\.md$/, ''))) return path.replace(/\.md$/, '') + end;
  const isFolder = [...texts.keys()].some((name) => name.startsWith(`${target}/`));
  return isFolder ? `${rootFrom(from)}#${anchorOf(target)}` : undefined;
}

function rootFrom(name: string): string {
  return name.includes('/') ? '../' : './';
}
