/** The entries of the lists that come in pages. The contract names their schemas by reference. */
import type { accessEntrySchema } from '@usher/contract/access-schema';
import type { datasetSchema } from '@usher/contract/dataset-schema';
import type { fieldSchema } from '@usher/contract/field-schema';
import type { identityTypeSchema } from '@usher/contract/identity-type-schema';
import type { joinSchema } from '@usher/contract/join-schema';
import type { runSchema } from '@usher/contract/run-schema';
import type { tokenSchema } from '@usher/contract/token-schema';
import type { userSchema } from '@usher/contract/user-schema';
import type { Static } from 'typebox';

export interface PageEntries {
  readonly 'GET /admin/v1/access-log': Static<typeof accessEntrySchema>;
  readonly 'GET /admin/v1/contacts/joins': Static<typeof joinSchema>;
  readonly 'GET /admin/v1/datasets': Static<typeof datasetSchema>;
  readonly 'GET /admin/v1/fields': Static<typeof fieldSchema>;
  readonly 'GET /admin/v1/identity-types': Static<typeof identityTypeSchema>;
  readonly 'GET /admin/v1/datasets/{name}/runs': Static<typeof runSchema>;
  readonly 'GET /admin/v1/tokens': Static<typeof tokenSchema>;
  readonly 'GET /admin/v1/users': Static<typeof userSchema>;
}
