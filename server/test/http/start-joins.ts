/** The API with two pushed datasets whose rows have a user id and an e-mail, for tests of joins. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { defineDataset } from '../../src/administration/dataset/define-dataset.ts';
import { usualDefinition } from '../../src/domain/dataset/dataset-definition.ts';
import { callApi } from './call-api.ts';
import { type ApiOptions, type RunningApi, startApi, waitFor } from './start-api.ts';

export type Json = Record<string, unknown>;

export const root = '/admin/v1/contacts';
export const reading = ['admin:read', 'contacts:read'] as const;
export const writing = ['admin:write', 'contacts:write'] as const;

/** A name of a person for each row, by dataset: rows of `web` have an e-mail, too. */
export async function startJoins(t: TestContext, options: ApiOptions = {}) {
  const api = await startApi(t, options);
  for (const name of ['shop', 'web']) await definePushed(api, name);
  const token = await api.token({ scopes: [...reading, ...writing] });
  const send = async (path: string, body: Json, by = token) => {
    const answer = await callApi(api, { method: 'POST', path, token: by, body });
    return { status: answer.status, body: JSON.parse(answer.body) as Json, answer };
  };
  const push = async (dataset: string, ...rows: Json[]) => {
    const pushed = await send('/ingest/v1/contacts', { dataset, rows });
    assert.deepEqual([pushed.status, pushed.body['rejected']], [200, 0], pushed.answer.body);
  };
  await waitFor(
    async () => (await send('/ingest/v1/contacts', webRow('0', 'z@x.org'))).status === 200,
  );
  const names = async (identity: string) => {
    const body = { identity, fields: ['shop_name', 'web_name'] };
    const found = await send('/audience/v2/contacts/lookup', body);
    return found.body['code'] ?? Object.values(found.body['contact'] as Json);
  };
  const joins = async (query = '', by = token) => {
    const { status, body } = await callApi(api, { path: `${root}/joins${query}`, token: by });
    assert.equal(status, 200, body);
    return JSON.parse(body) as { data: Json[]; next_cursor: string | null };
  };
  return { api, token, send, push, names, joins };
}

const webRow = (user: string, email: string) => ({
  dataset: 'web',
  rows: [{ user, email, name: 'Zoe' }],
});

async function definePushed(api: RunningApi, name: string): Promise<void> {
  await defineDataset(api.administration, 1, {
    name,
    definition: {
      ...usualDefinition,
      source: { kind: 'push' },
      identifiers: [
        { identityType: 'user_id', column: 'user' },
        { identityType: 'email', column: 'email' },
      ],
      columns: [{ column: 'name', field: `${name}_name` }],
    },
    fields: new Map([[`${name}_name`, { type: 'string' }]]),
    newIdentityTypes: name === 'shop' ? [{ name: 'user_id', normalisation: 'exact' }] : [],
  });
}

export const codeOf = ({ status, body }: { status: number; body: Json }) => [status, body['code']];
