/** The session as the API answers it: who is signed in, what they may do, and how to sign in. */
import type { ownSessionsSchema, sessionSchema, totpSchema } from '@usher/contract/session-schema';
import type { Static } from 'typebox';

export type Session = Static<typeof sessionSchema>;
export type SignInMethods = Session['methods'];
export type Totp = Static<typeof totpSchema>;
export type OwnSession = Static<typeof ownSessionsSchema>['data'][number];
