/** What the catalog keeps of the usage of tokens, for the registry (`personal-data.ts`). */
export const usagePlace = {
  name: 'usage of tokens',
  tables: ['usage_hours'],
  holds:
    'counts of calls by token and hour, with the addresses and user agents of the clients that called most: of those who use the API, not of contacts',
  forms: ['values'],
  kept: '30 days',
  erasure: 'not searched: it names no contact',
} as const;
