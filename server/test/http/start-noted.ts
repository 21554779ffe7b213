/** The API with an access log, and calls that look at contacts and list the looks. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { accessEntrySchema } from '@usher/contract/access-schema';
import { AccessAppender } from '../../src/access/access-appender.ts';
import { AccessQueue, allocateAccessQueues } from '../../src/access/access-queue.ts';
import type { LookView } from '../../src/administration/contact/list-looks.ts';
import { shapeFaults } from '../../src/http/call/check-shape.ts';
import { callApi } from './call-api.ts';
import { type ApiOptions, startApi } from './start-api.ts';

export async function startNoted(
  t: TestContext,
  {
    isWriting = false,
    ...options
  }: Pick<ApiOptions, 'clock' | 'isUnhurried'> & {
    /** Whether the log is written all the time, not only for `list`. */
    readonly isWriting?: boolean;
  } = {},
) {
  const memory = allocateAccessQueues(1);
  const queue = new AccessQueue({ memory, row: 0, isRequired: false });
  const api = await startApi(t, { ...options, access: queue });
  const ignore = () => undefined;
  const appender = new AccessAppender({
    ...{ dataFolder: api.dataFolder, memory, threads: 1, clock: Date.now },
    hours: api.administration.catalog,
    retention: { maxBytes: 1_000_000_000, maxAgeMs: null },
    alarms: { failing: ignore, recovered: ignore, lost: ignore, broken: ignore },
  });
  t.after(() => appender.close());
  if (isWriting) await appender.start();
  const admin = await api.token({ scopes: ['admin:read', 'contacts:read'] });
  const reader = await api.token({ scopes: ['contacts:read'] });
  return {
    api,
    reader,
    idOf: (token: string) => token.slice(4, 16),
    lookUp: (query: string, headers: Record<string, string> = {}) =>
      callApi(api, { path: `/audience/v2/contacts?${query}`, token: reader, headers }),
    list: async (query = '') => {
      await appender.writeNow();
      const path = `/admin/v1/access-log${query}`;
      const answer = await callApi(api, { path, token: admin });
      assert.equal(answer.status, 200, answer.body);
      const page = JSON.parse(answer.body) as { data: LookView[]; next_cursor: string | null };
      for (const entry of page.data) assert.deepEqual(shapeFaults(accessEntrySchema, entry), []);
      return page;
    },
    ask: (query: string, token: string) =>
      callApi(api, { path: `/admin/v1/access-log${query}`, token }),
  };
}
