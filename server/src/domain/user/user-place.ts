/** What the catalog keeps of users, for the registry of personal data (`personal-data.ts`). */
export const userPlace = {
  name: 'users of the console',
  tables: ['users', 'user_sessions', 'user_links', 'user_devices', 'sign_in_failures'],
  holds:
    'the people who work with Usher, and nothing of contacts: e-mail, name, role, a hash of the password, the encrypted secret of the second factor; addresses and browsers of their sessions',
  forms: ['values', 'keyed digests'],
  kept: 'users as long as the catalog; sessions and links until they end; known browsers 90 days without use; failed attempts a day',
  erasure: 'not touched: they are no contacts. An administrator revokes them',
} as const;
