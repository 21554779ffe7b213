/** The look-up that a token makes, as code to copy. The token itself is never known here. */
import { quotedText } from '../../../parts/shell-text.ts';

export const snippetLanguages = ['curl', 'TypeScript', 'Python'] as const;

export type SnippetLanguage = (typeof snippetLanguages)[number];

/**
 * @param origin where the node answers
 * @param identity such as `email:tom@hello.com`
 */
export function snippet(language: SnippetLanguage, origin: string, identity: string): string {
  return snippets[language](origin, identity);
}

const snippets: Readonly<Record<SnippetLanguage, (origin: string, identity: string) => string>> = {
  curl: (origin, identity) =>
    [
      `curl -sG ${quotedText(`${origin}/audience/v2/contacts`)} \\`,
      `  --data-urlencode ${quotedText(`identity=${identity}`)} \\`,
      '  -H "Authorization: Bearer $USHER_TOKEN"',
    ].join('\n'),
  TypeScript: (origin, identity) =>
    [
      "import { UsherClient } from '@usher/client';",
      '',
      'const usher = new UsherClient({',
      `  url: ${JSON.stringify(origin)},`,
      '  token: process.env.USHER_TOKEN,',
      '});',
      `const contact = await usher.getContact(${JSON.stringify(identity)});`,
    ].join('\n'),
  Python: (origin, identity) =>
    [
      'import os, requests',
      '',
      'answer = requests.get(',
      `    ${JSON.stringify(`${origin}/audience/v2/contacts`)},`,
      `    params={"identity": ${JSON.stringify(identity)}},`,
      '    headers={"Authorization": f"Bearer {os.environ[\'USHER_TOKEN\']}"},',
      '    timeout=2,',
      ')',
      'contact = answer.json()["contact"] if answer.ok else None',
    ].join('\n'),
};
