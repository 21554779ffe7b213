/** The entries of the lists that come in pages. The contract names their schemas by reference. */
import type { accessEntrySchema } from '@usher/contract/access-schema';
import type { auditEntrySchema } from '@usher/contract/audit-schema';
import type { listedContactSchema } from '@usher/contract/contact-list-schema';
import type {
  datasetDefinitionSchema,
  datasetSchema,
  datasetVersionSchema,
} from '@usher/contract/dataset-schema';
import type { datasetStatusSchema } from '@usher/contract/dataset-status-schema';
import type { fieldReaderSchema, fieldSchema } from '@usher/contract/field-schema';
import type { identityTypeSchema } from '@usher/contract/identity-type-schema';
import type { joinSchema } from '@usher/contract/join-schema';
import type { runSchema } from '@usher/contract/run-schema';
import type { tokenSchema } from '@usher/contract/token-schema';
import type { uploadSchema } from '@usher/contract/upload-schema';
import type { userSchema, userSessionSchema } from '@usher/contract/user-schema';
import type { Static } from 'typebox';

/** The contract names it by reference where others hold it. */
export type DatasetDefinition = Static<typeof datasetDefinitionSchema>;

export type Run = Static<typeof runSchema>;

export interface DatasetStatus extends Omit<Static<typeof datasetStatusSchema>, 'last_run'> {
  readonly last_run: Run | null;
}

export interface DatasetVersion extends Omit<Static<typeof datasetVersionSchema>, 'definition'> {
  readonly definition: DatasetDefinition;
}

export interface PageEntries {
  readonly 'GET /admin/v1/access-log': Static<typeof accessEntrySchema>;
  readonly 'GET /admin/v1/audit': Static<typeof auditEntrySchema>;
  readonly 'GET /admin/v1/contacts': Static<typeof listedContactSchema>;
  readonly 'GET /admin/v1/contacts/joins': Static<typeof joinSchema>;
  readonly 'GET /admin/v1/datasets': Static<typeof datasetSchema>;
  readonly 'GET /admin/v1/dataset-status': DatasetStatus;
  readonly 'GET /admin/v1/datasets/{name}/versions': DatasetVersion;
  readonly 'GET /admin/v1/field-readers': Static<typeof fieldReaderSchema>;
  readonly 'GET /admin/v1/uploads': Static<typeof uploadSchema>;
  readonly 'GET /admin/v1/fields': Static<typeof fieldSchema>;
  readonly 'GET /admin/v1/identity-types': Static<typeof identityTypeSchema>;
  readonly 'GET /admin/v1/datasets/{name}/runs': Run;
  readonly 'GET /admin/v1/runs': Run;
  readonly 'GET /admin/v1/sessions': Static<typeof userSessionSchema>;
  readonly 'GET /admin/v1/tokens': Static<typeof tokenSchema>;
  readonly 'GET /admin/v1/users': Static<typeof userSchema>;
}
