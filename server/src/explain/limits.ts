/** Bounds of explanations. */

/** Entries of the log of joins that are searched for a contact, the newest first: about 0.5 s. */
export const searchedJoins = 100_000;

/** Joins of a contact that are shown, the newest first. */
export const shownJoins = 100;

/** Values that a user reveals in a minute: more than a person reads, far less than a program. */
export const maxRevealsPerMinute = 30;

/** Entries of the audit log that are searched for them, the newest first. */
export const searchedReveals = 5_000;

/** How long the console shows a revealed value, in milliseconds. */
export const revealedMs = 60_000;
