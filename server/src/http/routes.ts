/** All routes. To add one: an operation in the contract, a file in `routes/`, a line here. */
import type { Route } from './route.ts';
import { createIdentityTypeRoute } from './routes/create-identity-type.ts';
import { createTokenRoute } from './routes/create-token.ts';
import { approveRunRoute, rejectRunRoute } from './routes/decide-run.ts';
import { deleteDatasetRoute } from './routes/delete-dataset.ts';
import { deleteIdentityTypeRoute } from './routes/delete-identity-type.ts';
import { getContactRoute } from './routes/get-contact.ts';
import { getDatasetRoute } from './routes/get-dataset.ts';
import {
  getDocsFolderPageRoute,
  getDocsIndexRoute,
  getDocsPageRoute,
  redirectDocsRoute,
  redirectRootRoute,
} from './routes/get-docs.ts';
import { getFieldRoute } from './routes/get-field.ts';
import { getIdentityTypeRoute } from './routes/get-identity-type.ts';
import { getLiveRoute } from './routes/get-live.ts';
import { getMetricsRoute } from './routes/get-metrics.ts';
import { getOpenapiRoute } from './routes/get-openapi.ts';
import { getOrganizationRoute } from './routes/get-organization.ts';
import { getReadyRoute } from './routes/get-ready.ts';
import { getReferencePageRoute, getReferenceScriptRoute } from './routes/get-reference.ts';
import { getRunRoute } from './routes/get-run.ts';
import { getTokenRoute } from './routes/get-token.ts';
import { listDatasetRunsRoute } from './routes/list-dataset-runs.ts';
import { listDatasetVersionsRoute } from './routes/list-dataset-versions.ts';
import { listDatasetsRoute } from './routes/list-datasets.ts';
import { listFieldsRoute } from './routes/list-fields.ts';
import { listIdentityTypesRoute } from './routes/list-identity-types.ts';
import { listTokensRoute } from './routes/list-tokens.ts';
import { lookupBatchRoute } from './routes/lookup-batch.ts';
import { lookupContactRoute } from './routes/lookup-contact.ts';
import { pushContactsRoute } from './routes/push-contacts.ts';
import { putDatasetRoute } from './routes/put-dataset.ts';
import { revokeTokenRoute } from './routes/revoke-token.ts';
import { rollBackRunRoute } from './routes/roll-back-run.ts';
import { rotateTokenRoute } from './routes/rotate-token.ts';
import { startRunRoute } from './routes/start-run.ts';
import { updateFieldRoute } from './routes/update-field.ts';
import { updateOrganizationRoute } from './routes/update-organization.ts';
import { validateDatasetRoute } from './routes/validate-dataset.ts';

export const routes: readonly Route[] = [
  getContactRoute,
  lookupContactRoute,
  lookupBatchRoute,
  pushContactsRoute,
  getOrganizationRoute,
  updateOrganizationRoute,
  listTokensRoute,
  createTokenRoute,
  getTokenRoute,
  revokeTokenRoute,
  rotateTokenRoute,
  listIdentityTypesRoute,
  createIdentityTypeRoute,
  getIdentityTypeRoute,
  deleteIdentityTypeRoute,
  listFieldsRoute,
  getFieldRoute,
  updateFieldRoute,
  listDatasetsRoute,
  getDatasetRoute,
  putDatasetRoute,
  validateDatasetRoute,
  deleteDatasetRoute,
  listDatasetVersionsRoute,
  listDatasetRunsRoute,
  getRunRoute,
  approveRunRoute,
  rejectRunRoute,
  startRunRoute,
  rollBackRunRoute,
  getLiveRoute,
  getReadyRoute,
  getMetricsRoute,
  getOpenapiRoute,
  redirectRootRoute,
  redirectDocsRoute,
  getDocsIndexRoute,
  getDocsPageRoute,
  getDocsFolderPageRoute,
  getReferencePageRoute,
  getReferenceScriptRoute,
];

/** Counts answers to requests without a route. */
const unrouted = 'unrouted';

/** The names of the request counters, in their order (`observe/request-counters.ts`). */
export const countedRoutes: readonly string[] = [
  ...routes.map((route) => route.operation.id),
  unrouted,
];

/** The index of the plain look-up, for `fast-lane.ts`. */
export const lookupRouteNumber = countedRoutes.indexOf(getContactRoute.operation.id);
export const unroutedNumber = countedRoutes.indexOf(unrouted);
