/** A server with the dataset crm, and calls that show what is in uploaded files. */
import type { TestContext } from 'node:test';
import { callApi } from './call-api.ts';
import { startApi } from './start-api.ts';
import { uploadFile } from './upload-file.ts';

export type Json = Record<string, unknown>;

export async function startPlace(t: TestContext) {
  const api = await startApi(t);
  const all = await api.token({ scopes: ['contacts:read', 'admin:read', 'admin:write'] });
  const blind = await api.token({ scopes: ['admin:read', 'admin:write'] });
  const call = async (
    method: string,
    path: string,
    given: { token?: string; body?: unknown } = {},
  ) => {
    const { token = all, body } = given;
    const answer = await callApi(api, { method, path, token, body });
    return { status: answer.status, body: JSON.parse(answer.body) as Json };
  };
  const sample = async (name: string, content: string, token = all) => {
    const sent = await uploadFile({ port: api.port, token: all, name }, content);
    return call('GET', `/admin/v1/uploads/${sent.body['id']}/sample?rows=1`, { token });
  };
  return { api, all, blind, call, sample };
}

export function columnsOf({ body }: { readonly body: Json }): readonly Json[] {
  return body['columns'] as readonly Json[];
}
