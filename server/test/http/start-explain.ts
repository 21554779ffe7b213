/** The API with what rules compute, and calls that explain a contact. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { explanationSchema } from '@usher/contract/explain-schema';
import type { Explanation } from '../../src/explain/explain-everything.ts';
import { shapeFaults } from '../../src/http/call/check-shape.ts';
import { callApi } from './call-api.ts';
import { readProblem } from './problem-shape.ts';
import type { ApiOptions } from './start-api.ts';
import { startComputed } from './start-computed.ts';

export const scopes = ['admin:read', 'contacts:read'] as const;
const path = '/admin/v1/contacts/explain';

export async function startExplain(t: TestContext, options: ApiOptions = {}) {
  const started = await startComputed(t, options);
  const { api } = started;
  const reader = await api.token({ scopes });
  const ask = (identity: string, token: string | null = null, by = reader) => {
    const body = { identity, ...(token !== null && { token }) };
    return callApi(api, { method: 'POST', path, token: by, body });
  };
  /** Waits until the threads have read all definitions. */
  const explain = async (identity: string, token: string | null = null, by = reader) => {
    await api.token();
    const answer = await ask(identity, token, by);
    assert.equal(answer.status, 200, answer.body);
    const explanation = JSON.parse(answer.body) as Explanation;
    assert.deepEqual(shapeFaults(explanationSchema, explanation), []);
    return explanation;
  };
  const refuse = async (...asked: Parameters<typeof ask>) => {
    const { status, code } = readProblem(await ask(...asked));
    return [status, code];
  };
  /** Joins the contacts of two identities. */
  const merge = async (...identities: readonly [string, string]) => {
    const body = { identities };
    const { token } = started;
    const answer = await callApi(api, {
      ...{ method: 'POST', path: '/admin/v1/contacts/merge', token, body },
    });
    assert.equal(answer.status, 200, answer.body);
  };
  const fieldIn = ({ fields }: Explanation, name: string) => {
    const found = fields.find(({ field }) => field === name);
    assert.ok(found, name);
    return found;
  };
  return { ...started, reader, ask, explain, refuse, fieldIn, merge };
}
