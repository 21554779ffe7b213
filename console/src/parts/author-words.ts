/** Who did something, in words. The audit log writes `user:ID`, `token:ID`, `operator:name`. */

/** @param ownId the id of the user who reads it */
export function authorWords(author: string, ownId: string): string {
  const [kind = '', name = ''] = author.split(/:(.*)/s);
  if (kind === 'user') return name === ownId ? 'you' : `user ${name.slice(0, shownCharacters)}`;
  if (kind === 'token') return `token ${name.slice(0, shownCharacters)}`;
  return kind === 'operator' ? `${name}, on the server` : author;
}

const shownCharacters = 6;
