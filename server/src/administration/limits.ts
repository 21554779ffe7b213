/**
 * Bounds of one room, each with its arithmetic: what may be defined, and backups. Bounds that
 * several rooms share are in `domain/limits.ts`.
 */

/** Identity types an organization may define, the built-in ones included. */
export const maxIdentityTypesPerOrganization = 50;

/**
 * How long a rotated token may live on (contract, section 3): 0 to 7 days, 24 hours unless said.
 */
export const tokenOverlapMs = { min: 0, max: 7 * 86_400_000, default: 86_400_000 } as const;

/**
 * The longest life of a token that can be asked for: 10 years, so that a typo makes no token for
 * ever.
 */
export const maxTokenLifeMs = 3_650 * 86_400_000;

/**
 * Entries of each allow-list of a token: 200 x 64 bytes are 13 kB of catalog row and of state.
 */
export const maxTokenListEntries = 200;

/** Characters of names and descriptions that people write. */
export const maxNameLength = 100;
export const maxDescriptionLength = 1_000;

/** Organization ids are 16-bit in the store's keys. */
export const maxOrganizations = 65_535;

/** Bytes of a backup's list of files: 200 bytes a file, and a dataset has one state. */
export const maxManifestBytes = 67_108_864;

/**
 * Characters of a path, a URL or a column's name: the longest path that Linux opens has 4,096
 * bytes.
 */
export const maxPathLength = 4_096;

/** Headers that a request to a source carries. */
export const maxSourceHeaders = 20;

/**
 * The oldest that values may become before a policy takes hold: 10 years, so that a typo does not
 * mean never.
 */
export const maxAgeRangeMs = { min: 60_000, max: 315_360_000_000 } as const;
