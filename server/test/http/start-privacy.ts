/** An API with people in two datasets, and a token of the officer who may erase them. */
import type { TestContext } from 'node:test';
import { callApi } from './call-api.ts';
import type { ApiOptions } from './start-api.ts';
import type { Json } from './start-joins.ts';
import { startJoins } from './start-joins.ts';

const privacyRoot = '/admin/v1/privacy';

export async function startPrivacy(t: TestContext, options: ApiOptions = {}) {
  const joined = await startJoins(t, options);
  const { api } = joined;
  const officer = await api.token({ scopes: ['privacy:write'] });
  const ask = (path: string, body: Json, by = officer) =>
    joined.send(`${privacyRoot}/${path}`, body, by);
  const request = (body: Json, by = officer) => ask('requests', body, by);
  const read = async (path: string, by = officer) => {
    const answer = await callApi(api, { path: `${privacyRoot}/${path}`, token: by });
    return { status: answer.status, body: JSON.parse(answer.body) as Json };
  };
  return { ...joined, officer, ask, request, read };
}
