/** All pages of a list, one after the other. */
import { send } from './call.ts';
import type { Page } from './operation-types.ts';
import type { PageEntries } from './page-entries.ts';

/** 200 entries a page: 2,000, which is every field, token and dataset that an organization has. */
const maxPages = 10;
const pageSize = 200;

type ListName = Extract<
  keyof PageEntries,
  | 'GET /admin/v1/dataset-status'
  | 'GET /admin/v1/datasets'
  | 'GET /admin/v1/field-readers'
  | 'GET /admin/v1/fields'
  | 'GET /admin/v1/sessions'
  | 'GET /admin/v1/tokens'
  | 'GET /admin/v1/users'
>;

export async function callPages<List extends ListName>(
  list: List,
  signal: AbortSignal,
): Promise<readonly PageEntries[List][]> {
  const route = list.replace(' /admin/v1/', ' /console/api/v1/');
  const entries: PageEntries[List][] = [];
  let cursor: string | undefined;
  for (let page = 0; page < maxPages; page += 1) {
    const query = { limit: pageSize, cursor };
    const { data, next_cursor } = (await send(route, { query }, signal)) as Page<PageEntries[List]>;
    entries.push(...data);
    if (next_cursor === null) break;
    cursor = next_cursor;
  }
  return entries;
}
