/** The bounds that callers see. A test keeps them equal to the server's `limits.ts` files. */

/**
 * Characters of `type:value`: 64 of a name, the colon, and 2,048 (4 x 512) of a value, which leaves
 * room for spaces that normalisation removes.
 */
export const maxIdentityText = 2_113;
export const maxBatchIdentities = 50;
export const maxIdentitiesPerContact = 100;
export const maxPushRows = 1_000;
export const maxUnknownColumns = 20;
export const maxRequestedFields = 500;
export const maxNameLength = 100;
export const maxDescriptionLength = 1_000;
export const maxDefinitionNameLength = 100;
export const definitionIdRange = { min: 1, max: 999_999_999 } as const;
export const maxVariants = 50;
export const maxVariantNameLength = 100;
export const maxGroupFlows = 100;
export const maxSaltLength = 64;
export const maxRuleBytes = 65_536;
export const maxSegmentsPerOrganization = 2_000;
export const maxTokenListEntries = 200;
export const maxFieldsPerOrganization = 2_000;
export const builtInFieldCount = 6;
export const maxIdentityTypesPerOrganization = 50;
export const maxPerContactRange = { min: 1, max: 100 } as const;
export const sharedLimitRange = { min: 1, max: 50 } as const;
export const maxDatasetsPerOrganization = 200;
export const rateLimitRange = { min: 1, max: 100_000 } as const;
export const tokenPoolRange = { min: 1, max: 1_000 } as const;
export const tokenAgeDaysRange = { min: 1, max: 3_650 } as const;
export const maxErasedIdentities = 10_000;
export const maxAmendedFields = 100;
export const pageSize = { max: 200, default: 50 } as const;
