/** What the settings of a definition are called, in its form, on its page and in its history. */

export const modeWords: Readonly<Record<string, string>> = {
  append: 'keeps its values (append)',
  snapshot: 'loses its values (snapshot)',
  incremental: 'keeps its values; only changed rows are read (incremental)',
};

/** What look-ups do with values that are too old. */
export const policyWords: Readonly<Record<string, string>> = {
  flag: 'mark the values as old',
  withhold: 'withhold the values',
  serve: 'return the values',
};

export interface MaxAge {
  readonly after: string;
  readonly policy?: string;
}

/** "36 h, then look-ups mark the values as old" */
export function maxAgeWords(maxAge: MaxAge | null | undefined): string {
  if (maxAge == null) return 'never';
  const { after, policy = 'flag' } = maxAge;
  return `${after.replace(/^(\d+)(?=[a-z])/, '$1 ')}, then look-ups ${policyWords[policy] ?? policy}`;
}
