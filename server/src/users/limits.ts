/** Bounds of signing in: passwords, attempts, sessions and links. */

/**
 * The cost of a password: 2^17 x 8 x 128 bytes are 128 MB and about 0.4 s, which is what OWASP
 * recommends for scrypt.
 */
export const passwordCost = { n: 2 ** 17, r: 8, p: 1 } as const;

/** Passwords that the process works on at once: 2 x 128 MB. */
export const maxPasswordsAtOnce = 2;

/**
 * Attempts to sign in that wait in a thread until a password can be checked: so many of known
 * browsers, and so many of others. A check for others takes 0.4 s, and a pause as long follows it,
 * so that 12 of them take 12 x 0.8 s: about `passwordWaitMs`.
 */
export const maxWaitingPasswords = 12;

/** Waiting attempts from one network. More are refused, so that others still get a turn. */
export const maxWaitingPerPlace = 4;

/** How long the refusal of an attempt waits, so that who asks again at once takes little time. */
export const refusalPauseMs = 1_000;

/** Refusals that wait in a thread: 1,000 x 10 kB. Others are answered at once. */
export const maxPausedRefusals = 1_000;

/** How long an attempt may wait for its turn. */
export const passwordWaitMs = 10_000;

/**
 * Characters of a password. NIST SP 800-63B requires at least 8, and recommends 15 for users
 * without a second factor.
 */
export const passwordLength = { min: 12, max: 256 } as const;

/** Guesses that a password must withstand: what zxcvbn calls safely unguessable (a score of 3). */
export const minPasswordGuesses = 1e8;

/** Characters of a password that are looked at for that: more take longer than they tell. */
export const maxGuessedCharacters = 64;

/** Attempts in a row at one account from one place before the place must wait. */
export const freeAttempts = 5;

/**
 * The wait doubles from 1 s with each failure, up to 15 minutes: one network has about 100 attempts
 * a day.
 */
export const attemptWaitMs = { first: 1_000, longest: 900_000 } as const;

/** Failures are forgotten after a day. */
export const failureMemoryMs = 86_400_000;

/** Places whose failures are remembered: 10,000 x 200 bytes are 2 MB of the catalog. */
export const maxRememberedFailures = 10_000;

/** A browser that was used to sign in is known for 90 days. */
export const deviceMemoryMs = 90 * 86_400_000;

/** How long a confirmation counts. */
export const confirmationMs = 300_000;

/** Sessions of one user: more than a person has browsers. A new one ends the oldest. */
export const maxSessionsPerUser = 20;

/** How often a session that could not be ended in the catalog is ended again. */
export const endedRetryMs = 1_000;

/** A session notes its use once a minute: one small write of the catalog. */
export const sessionTouchMs = 60_000;

/** How long links work. People read an invitation within a week, and reset a password at once. */
export const linkLifeMs = {
  first: 86_400_000,
  invitation: 7 * 86_400_000,
  reset: 86_400_000,
  demo: 86_400_000,
} as const;

/** Users of an organization that are not revoked. Each takes about 500 bytes. */
export const maxUsersPerOrganization = 1_000;

/** How long a user may stay at the OpenID provider. */
export const oidcFlowMs = 600_000;

/** How long ago the provider may have asked a user who signs in: 30 days. */
export const oidcMemorySeconds = 30 * 86_400;

/** How long the addresses and keys of the OpenID provider are kept: they change slowly. */
export const oidcCacheMs = 3_600_000;

/** How long the OpenID provider may take for an answer: people wait for it. */
export const oidcTimeoutSeconds = 10;

/** Bytes of the file of `USHER_OIDC`: 1,000 groups of 60 bytes. */
export const maxOidcFileBytes = 65_536;

/** Characters of a user's name. */
export const maxUserNameLength = 100;

/** Characters of a browser's name that a session keeps. */
export const maxUserAgentLength = 200;
