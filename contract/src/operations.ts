/** Every operation of the API, in the order in which documents show them. */
import * as administration from './administration-operations.ts';
import * as audience from './audience-operations.ts';
import * as consolePages from './console-operations.ts';
import * as contacts from './contact-operations.ts';
import * as datasets from './dataset-operations.ts';
import * as definitions from './definition-operations.ts';
import * as flows from './flow-operations.ts';
import * as ingest from './ingest-operations.ts';
import * as insight from './insight-operations.ts';
import type { Operation } from './operation.ts';
import * as privacy from './privacy-operations.ts';
import * as server from './server-operations.ts';
import * as sessions from './session-operations.ts';
import * as uploads from './upload-operations.ts';
import * as users from './user-operations.ts';

export const operations: readonly Operation[] = [
  ...Object.values(audience),
  ...Object.values(ingest),
  ...Object.values(contacts),
  ...Object.values(privacy),
  ...Object.values(administration),
  ...Object.values(users),
  ...Object.values(datasets),
  ...Object.values(uploads),
  ...Object.values(definitions),
  ...Object.values(flows),
  ...Object.values(insight),
  ...Object.values(server),
  ...Object.values(consolePages),
  ...Object.values(sessions),
];
