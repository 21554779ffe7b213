/**
 * The pages by their address. A page is loaded when it is opened. To add one: a folder of `pages/`
 * named as its path, its line in `shell/page-permissions.ts`, a route here, and an entry in
 * `shell/navigation.ts`.
 */
import {
  createRootRoute,
  createRoute,
  createRouter,
  Outlet,
  parseSearchWith,
  stringifySearchWith,
} from '@tanstack/react-router';
import type { AccessSearch } from './pages/access/use-access.ts';
import type { AuditSearch } from './pages/audit/use-audit.ts';
import { NotFoundPage } from './pages/not-found/not-found-page.tsx';
import { FailedPage } from './parts/failed-page.tsx';
import { lazyPage } from './parts/lazy-page.tsx';
import { pagePermissions } from './shell/page-permissions.ts';
import { Shell } from './shell/shell.tsx';

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFoundPage });

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: ({ to }: Record<string, unknown>): { to?: string | undefined } => ({
    // An own member, since the router adds what the address has.
    to: typeof to === 'string' && isOwnPath(to) ? to : undefined,
  }),
  component: lazyPage(() => import('./pages/sign-in/sign-in-page.tsx'), 'SignInPage', undefined),
});

const link = createRoute({
  getParentRoute: () => root,
  path: '/link',
  component: lazyPage(() => import('./pages/link/link-page.tsx'), 'LinkPage', undefined),
});

/** The pages for users who are signed in. */
const inside = createRoute({ getParentRoute: () => root, id: 'inside', component: Shell });

const overview = createRoute({
  getParentRoute: () => inside,
  path: '/',
  validateSearch: (search: Record<string, unknown>): { range?: string } => text(search, 'range'),
  component: lazyPage(
    () => import('./pages/overview/overview-page.tsx'),
    'OverviewPage',
    pagePermissions['/'],
  ),
});

const contacts = createRoute({
  getParentRoute: () => inside,
  path: '/contacts',
  component: lazyPage(
    () => import('./pages/contacts/contacts-page.tsx'),
    'ContactsPage',
    pagePermissions['/contacts'],
  ),
});

const contact = createRoute({
  getParentRoute: () => inside,
  path: '/contacts/$id',
  validateSearch: (search: Record<string, unknown>): { tab?: string; token?: string } => ({
    ...text(search, 'tab'),
    ...text(search, 'token'),
  }),
  component: lazyPage(
    () => import('./pages/contacts/contact/contact-page.tsx'),
    'ContactPage',
    pagePermissions['/contacts/$id'],
  ),
});

const datasets = createRoute({
  getParentRoute: () => inside,
  path: '/datasets',
  validateSearch: (search: Record<string, unknown>): RunSearch => runSearch(search),
  component: lazyPage(
    () => import('./pages/datasets/datasets-page.tsx'),
    'DatasetsPage',
    pagePermissions['/datasets'],
  ),
});

const dataset = createRoute({
  getParentRoute: () => inside,
  path: '/datasets/$name',
  validateSearch: (search: Record<string, unknown>): RunSearch & { run?: string } => ({
    ...runSearch(search),
    ...text(search, 'run'),
  }),
  component: lazyPage(
    () => import('./pages/datasets/dataset/dataset-page.tsx'),
    'DatasetPage',
    pagePermissions['/datasets/$name'],
  ),
});

/** Its own path: a dataset may be named "new". */
const newDataset = createRoute({
  getParentRoute: () => inside,
  path: '/new-dataset',
  validateSearch: (
    search: Record<string, unknown>,
  ): { upload?: string; dataset?: string; name?: string; encoding?: string } => ({
    ...text(search, 'upload'),
    ...text(search, 'dataset'),
    ...text(search, 'name'),
    ...text(search, 'encoding'),
  }),
  component: lazyPage(
    () => import('./pages/new-dataset/new-dataset-page.tsx'),
    'NewDatasetPage',
    pagePermissions['/new-dataset'],
  ),
});

const fields = createRoute({
  getParentRoute: () => inside,
  path: '/fields',
  validateSearch: (search: Record<string, unknown>): { dataset?: string } =>
    text(search, 'dataset'),
  component: lazyPage(
    () => import('./pages/fields/fields-page.tsx'),
    'FieldsPage',
    pagePermissions['/fields'],
  ),
});

const users = createRoute({
  getParentRoute: () => inside,
  path: '/users',
  component: lazyPage(
    () => import('./pages/users/users-page.tsx'),
    'UsersPage',
    pagePermissions['/users'],
  ),
});

const account = createRoute({
  getParentRoute: () => inside,
  path: '/account',
  component: lazyPage(
    () => import('./pages/account/account-page.tsx'),
    'AccountPage',
    pagePermissions['/account'],
  ),
});

const access = createRoute({
  getParentRoute: () => inside,
  path: '/access',
  validateSearch: (search: Record<string, unknown>): AccessSearch => ({
    ...text(search, 'contact'),
    ...text(search, 'subject'),
    ...text(search, 'actor'),
    ...text(search, 'way'),
    ...text(search, 'outcome'),
    ...text(search, 'since'),
    ...text(search, 'until'),
  }),
  component: lazyPage(
    () => import('./pages/access/access-page.tsx'),
    'AccessPage',
    pagePermissions['/access'],
  ),
});

const audit = createRoute({
  getParentRoute: () => inside,
  path: '/audit',
  validateSearch: (search: Record<string, unknown>): AuditSearch => ({
    ...text(search, 'kind'),
    ...text(search, 'actor'),
    ...text(search, 'action'),
    ...text(search, 'target'),
    ...text(search, 'since'),
    ...text(search, 'until'),
  }),
  component: lazyPage(
    () => import('./pages/audit/audit-page.tsx'),
    'AuditPage',
    pagePermissions['/audit'],
  ),
});

const routeTree = root.addChildren([
  signIn,
  link,
  inside.addChildren([
    overview,
    contacts,
    contact,
    datasets,
    dataset,
    newDataset,
    fields,
    users,
    account,
    access,
    audit,
  ]),
]);

export function createConsoleRouter() {
  return createRouter({
    routeTree,
    basepath: '/console',
    defaultPreload: 'intent',
    defaultErrorComponent: FailedPage,
    scrollRestoration: true,
    // Texts stay texts: the id of a token may look like a number.
    parseSearch: parseSearchWith((value) => value),
    stringifySearch: stringifySearchWith(String),
  });
}

interface RunSearch {
  readonly tab?: string;
  /** Runs in this state. */
  readonly state?: string;
}

function runSearch(search: Record<string, unknown>): RunSearch {
  return { ...text(search, 'tab'), ...text(search, 'state') };
}

/** A parameter of the address, if it is a text. */
function text<Name extends string>(
  search: Record<string, unknown>,
  name: Name,
): { [Key in Name]?: string } {
  const value = search[name];
  return typeof value === 'string' ? ({ [name]: value } as { [Key in Name]?: string }) : {};
}

/** A path of the console. Anything else, such as `//example.com`, would lead away from it. */
function isOwnPath(path: string): boolean {
  return /^\/(?![/\\])/.test(path);
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createConsoleRouter>;
  }
}
