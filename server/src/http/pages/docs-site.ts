/**
 * A folder of Markdown as HTML pages. Pages are found in a list made at the start, so a request
 * never becomes a path. Each page is rendered on first use, and links work as in the folder. Pages
 * contain their pictures, which are SVG files of the folder.
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

/** Texts by the path of their file without its ending: Markdown by the name of its page. */
type Texts = ReadonlyMap<string, string>;

interface Folder {
  readonly texts: Texts;
  /** SVG by path, without the ending. */
  readonly pictures: Texts;
}

export async function readDocsSite(folder: URL): Promise<DocsSite> {
  const files = await listFiles(folder);
  const pictures = await readFiles(folder, files, 'svg');
  const texts = withList(await readFiles(folder, files, 'md'));
  const rendered = new Map<string, KeptBytes>();
  return {
    isEmpty: texts.size === 0,
    styleDigest,
    page: (name) => {
      const text = texts.get(name);
      if (text === undefined) return undefined;
      const known = rendered.get(name);
      if (known !== undefined) return known;
      const page = keepBytes(Buffer.from(renderPage(name, text, { texts, pictures })));
      rendered.set(name, page);
      return page;
    },
  };
}

/** The texts of the files of this kind, in the folder and in its folders. */
async function readFiles(folder: URL, files: readonly string[], ending: string): Promise<Texts> {
  const names = files
    .filter((file) => file.endsWith(`.${ending}`) && /^(?:[^/]+\/)?[^/]+$/.test(file))
    .map((file) => file.slice(0, -ending.length - 1))
    .sort();
  const texts = await Promise.all(
    names.map(async (name) => {
      const file = new URL(`${encodeURI(name)}.${ending}`, folder);
      return [name, await readFile(file, 'utf8')] as const;
    }),
  );
  return new Map(texts);
}

/** With the list of all pages, if there are any. */
function withList(pages: Texts): Texts {
  return pages.size === 0 ? pages : new Map([...pages, ['', listPages(pages)]]);
}

/** Empty if the folder does not exist. */
async function listFiles(folder: URL): Promise<string[]> {
  try {
    const files = await readdir(folder, { recursive: true });
    return files.map((file) => file.replaceAll(sep, '/'));
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

function renderPage(name: string, text: string, { texts, pictures }: Folder): string {
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
      // A page loads nothing, so it contains the picture. Other pictures become their words.
      image({ href, text: words }: Tokens.Image) {
        const picture = href.endsWith('.svg') && pictures.get(pathFrom(name, href.slice(0, -4)));
        if (!picture) return escapeHtml(words);
        const data = Buffer.from(picture).toString('base64');
        return `<img src="data:image/svg+xml;base64,${data}" alt="${escapeHtml(words)}">`;
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
  const target = pathFrom(from, path).replace(/\/$/, '');
  const end = anchor === undefined ? '' : `#${anchor}`;
  if (texts.has(target.replace(/\.md$/, ''))) return path.replace(/\.md$/, '') + end;
  const isFolder = [...texts.keys()].some((name) => name.startsWith(`${target}/`));
  return isFolder ? `${rootFrom(from)}#${anchorOf(target)}` : undefined;
}

/** The path from the folder of all pages, for a path from a page. */
function pathFrom(page: string, path: string): string {
  return posix.join(posix.dirname(page), path);
}

function rootFrom(name: string): string {
  return name.includes('/') ? '../' : './';
}
