/** The page of a dataset whose rows are pushed, in the browser. */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { callApi } from '../http/call-api.ts';
import { type UsherServer, waitFor } from '../launch/run-usher.ts';
import type { ConsoleClient } from '../users/console-client.ts';
import { judgePage, wideLook } from './open-console.ts';

interface PushPlace {
  readonly server: Pick<UsherServer, 'url' | 'port'>;
  readonly client: ConsoleClient;
  readonly pushToken: string;
}

/** A dataset of pushed rows says when the last ones came, how many were refused, and who pushes. */
export async function pushRows(
  page: Page,
  { server, client, pushToken }: PushPlace,
): Promise<void> {
  const definition = {
    ...{ source: { kind: 'push' }, identifiers: { email: 'email' } },
    fields: { plan: { type: 'string' } },
  };
  const path = '/v1/datasets/web';
  const put = await client.call({ method: 'PUT', path, body: { definition } });
  assert.equal(put.status, 200, put.body);
  await page.goto(`${server.url}/console/datasets/web`);
  await page.getByText('No row has come yet.').waitFor();
  const call = page.getByLabel('How a row is pushed');
  await call.getByText('"dataset":"web","rows":[{"email":"…","plan":"…"}]').waitFor();
  const answer = await callApi(server, {
    ...{ method: 'POST', path: '/ingest/v1/contacts', token: pushToken },
    body: { dataset: 'web', rows: [{ email: 'web@example.com', plan: 'gold' }, { plan: 'gold' }] },
  });
  assert.equal(answer.status, 200, answer.body);
  await waitFor(async () => {
    const { body } = await client.call({ path: '/v1/dataset-status' });
    return body.includes('"received":2') || undefined;
  }, 30_000);
  await page.reload();
  await page.getByText(/^The last rows came today .* 2 came, 1 of them refused\.$/).waitFor();
  await page.getByText(/^May push: shop \(…/).waitFor();
  await judgePage(page, 'dataset-pushed', wideLook);
}
