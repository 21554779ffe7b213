/**
 * A folder of Markdown as HTML pages. Its files are listed and read once, and a page is found by
 * its name in that list: no path is ever made of what a caller sends. A page is rendered when first
 * asked for, and kept. Links between pages work as they do in the folder.
 */
import { readdir, readFile } from 'node:fs/promises';
import { posix, sep } from 'node:path';
import { Marked, type Tokens } from 'marked';
import { escapeHtml, frameDocsPage, styleDigest } from './docs-frame.ts';
import { type KeptBytes, keepBytes } from './page-answer.ts';

export interface DocsSite {
  /**
   * By its path in the folder without the ending, as `decisions/0001-...`; `''` is the list of all
   * pages.
   */
  page(name: string): KeptBytes | undefined;
  /** There is no page at all, nor a list. */
  readonly isEmpty: boolean;
  /** What the content policy has to allow: the only style of a page. */
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

/** Empty where there is no such folder. */
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

/** The list of pages as a page: those of the folder itself, then each folder within it. */
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
      // What looks like an element is meant as text: pages have none.
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

/** As GitHub makes it of a heading. */
function anchorOf(words: string): string {
  return words
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');
}

/**
 * Where a page's link leads on the site; `undefined` when it leads out of the folder, to what is
 * not served.
 */
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
