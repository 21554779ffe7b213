/** The API with a pushed dataset beside `crm`, and short calls for what rules compute. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { defineDataset } from '../../src/administration/dataset/define-dataset.ts';
import type { FieldSettings } from '../../src/administration/field-settings.ts';
import { updateField } from '../../src/administration/fields.ts';
import { createComputedField } from '../../src/administration/rule/computed-fields.ts';
import { createSegment } from '../../src/administration/rule/segments.ts';
import type { FieldType } from '../../src/domain/contact/field.ts';
import { type MaxAge, usualDefinition } from '../../src/domain/dataset/dataset-definition.ts';
import { callApi } from './call-api.ts';
import { type ApiOptions, type RunningApi, startApi } from './start-api.ts';

export type Json = Record<string, unknown>;

const base = '/audience/v2/contacts';
const shopFields: readonly (readonly [name: string, type: FieldType])[] = [
  ['shop_city', 'string'],
  ['shop_seen', 'date'],
  ['shop_spend', 'currency'],
  ['shop_vip', 'boolean'],
  ['shop_tags', 'set'],
];

/** Rows of `shop` have a `user` and an `email`, either or both, and these fields. */
export async function startComputed(
  t: Pick<TestContext, 'after'>,
  { texts = [], ...options }: ApiOptions & { readonly texts?: readonly string[] } = {},
) {
  const api = await startApi(t, options);
  const { administration } = api;
  await defineShop(api, texts);
  for (const name of ['segment_membership', 'flow_membership']) {
    await updateField(administration, 1, { name, settings: { content: true } });
  }
  const scopes = ['contacts:read', 'contacts:write', 'admin:read', 'admin:write'] as const;
  const token = await api.token({ scopes });
  const push = async (...rows: Json[]) => {
    const body = { dataset: 'shop', rows };
    const path = '/ingest/v1/contacts';
    const answer = await callApi(api, { method: 'POST', path, token, body });
    assert.equal(answer.status, 200, answer.body);
    assert.equal((JSON.parse(answer.body) as Json)['rejected'], 0, answer.body);
  };
  /** The raw values of these fields, after the threads have read all definitions. */
  const contact = async (identity: string, fields: readonly string[], more: Json = {}) => {
    await api.token();
    const body = { identity, fields, format: 'raw', ...more };
    const answer = await callApi(api, { method: 'POST', path: `${base}/lookup`, token, body });
    assert.equal(answer.status, 200, answer.body);
    return (JSON.parse(answer.body) as Json)['contact'] as Json;
  };
  const segment = (name: string, rule: string) => createSegment(administration, 1, { name, rule });
  const computed = (name: string, rule: string, settings: FieldSettings = {}) =>
    createComputedField(administration, 1, { name, rule, settings });
  return { api, token, push, contact, segment, computed };
}

async function defineShop({ administration }: RunningApi, texts: readonly string[]): Promise<void> {
  const fields = [...shopFields, ...texts.map((name) => [name, 'text'] as const)];
  await defineDataset(administration, 1, {
    name: 'shop',
    definition: {
      ...usualDefinition,
      source: { kind: 'push' },
      identifiers: [
        { identityType: 'user_id', column: 'user' },
        { identityType: 'email', column: 'email' },
      ],
      columns: fields.map(([name]) => ({ column: name.slice('shop_'.length), field: name })),
    },
    fields: new Map(fields.map(([name, type]) => [name, { type, condition: true }])),
    newIdentityTypes: [{ name: 'user_id', normalisation: 'exact' }],
  });
}

/** Says how old the values of `crm` may become. They are of 2 January 2024. */
export async function limitAge({ administration }: RunningApi, maxAge: MaxAge): Promise<void> {
  const names = ['email_address', 'first_name', 'total_spend', 'shoe_size'];
  await defineDataset(administration, 1, {
    name: 'crm',
    definition: {
      ...usualDefinition,
      identifiers: [{ identityType: 'email', column: 'email_address' }],
      columns: names.map((name) => ({ column: name, field: name })),
      ...{ format: {}, maxAge },
    },
    fields: new Map(),
  });
}

/** The answers of every kind of look-up to the same question: body, tag and last modification. */
export async function everyLookup(
  api: RunningApi,
  token: string,
  asked: {
    readonly identity: string;
    readonly fields: readonly string[];
    readonly format?: string;
  },
) {
  const { identity, fields, format = 'display' } = asked;
  const path = `${base}?identity=${identity}&fields=${fields.join(',')}&format=${format}`;
  const handedOver = api.handedOver();
  const plain = await callApi(api, { path, token });
  assert.equal(api.handedOver(), handedOver);
  const node = await callApi(api, { path, token, headers: { 'content-length': '0' } });
  const head = await callApi(api, { method: 'HEAD', path, token });
  const body = { identity, fields, format };
  const posted = await callApi(api, { method: 'POST', path: `${base}/lookup`, token, body });
  const many = { identities: [identity, identity], fields, format };
  const batch = await callApi(api, {
    ...{ method: 'POST', path: `${base}/batch`, token, body: many },
  });
  const headers = { 'if-none-match': plain.headers.get('etag') ?? '' };
  const known = await callApi(api, { path, token, headers });
  return { plain, node, head, posted, batch, known };
}
