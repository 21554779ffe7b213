/** All routes. To add one: an operation in the contract, and its answer in a file of `routes/`. */
import { getContact } from '@usher/contract/audience-operations';
import type { Route } from './route.ts';
import { accessLogRoutes } from './routes/access-log.ts';
import { auditRoutes } from './routes/audit.ts';
import { computedFieldRoutes } from './routes/computed-fields.ts';
import { consoleRoutes } from './routes/console.ts';
import { contactJoinRoutes } from './routes/contact-joins.ts';
import { contactSearchRoute } from './routes/contact-search.ts';
import { contactRoutes } from './routes/contacts.ts';
import { datasetRoutes } from './routes/datasets.ts';
import { docsRoutes } from './routes/docs.ts';
import { eventsRoute } from './routes/events.ts';
import { exclusionGroupRoutes } from './routes/exclusion-groups.ts';
import { explainRoute, revealRoute } from './routes/explain.ts';
import { fieldRoutes } from './routes/fields.ts';
import { flowRoutes } from './routes/flows.ts';
import { getMetricsRoute } from './routes/get-metrics.ts';
import { getOpenapiRoute } from './routes/get-openapi.ts';
import { healthRoutes } from './routes/health.ts';
import { identityTypeRoutes } from './routes/identity-types.ts';
import { organizationRoutes } from './routes/organization.ts';
import { overviewRoute } from './routes/overview.ts';
import { privacyRoutes } from './routes/privacy.ts';
import { pushRoutes } from './routes/pushes.ts';
import { referenceRoutes } from './routes/reference.ts';
import { runRoutes } from './routes/runs.ts';
import { segmentRoutes } from './routes/segments.ts';
import { sessionRoutes } from './routes/session.ts';
import { sessionOidcRoutes } from './routes/session-oidc.ts';
import { tokenRoutes } from './routes/tokens.ts';
import { uploadRoutes } from './routes/uploads.ts';
import { usageRoute } from './routes/usage.ts';
import { userRoutes } from './routes/users.ts';

export const routes: readonly Route[] = [
  ...contactRoutes,
  ...pushRoutes,
  ...contactJoinRoutes,
  contactSearchRoute,
  explainRoute,
  revealRoute,
  ...privacyRoutes,
  ...organizationRoutes,
  ...tokenRoutes,
  ...userRoutes,
  ...identityTypeRoutes,
  ...fieldRoutes,
  ...datasetRoutes,
  ...uploadRoutes,
  ...segmentRoutes,
  ...computedFieldRoutes,
  ...flowRoutes,
  ...exclusionGroupRoutes,
  ...runRoutes,
  ...auditRoutes,
  ...accessLogRoutes,
  overviewRoute,
  eventsRoute,
  usageRoute,
  ...healthRoutes,
  getMetricsRoute,
  getOpenapiRoute,
  ...docsRoutes,
  ...referenceRoutes,
  ...consoleRoutes,
  ...sessionRoutes,
  ...sessionOidcRoutes,
];

/** Counts answers to requests without a route. */
const unrouted = 'unrouted';

/** The names of the request counters, in their order (`observe/request-counters.ts`). */
export const countedRoutes: readonly string[] = [
  ...routes.map((route) => route.operation.id),
  unrouted,
];

/** The index of the plain look-up, for `connection/plain-door.ts`. */
export const lookupRouteNumber = countedRoutes.indexOf(getContact.id);
export const unroutedNumber = countedRoutes.indexOf(unrouted);
