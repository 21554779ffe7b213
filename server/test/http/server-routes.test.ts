/**
 * The routes about the server itself: metrics, the OpenAPI document, the reference page and the
 * public probes.
 */
import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import * as contractBounds from '@usher/contract/bounds';
import { fieldTypeNames } from '@usher/contract/field-schema';
import { operations } from '@usher/contract/operations';
import * as administrationLimits from '../../src/administration/limits.ts';
import { builtInFields, fieldTypes } from '../../src/domain/contact/field.ts';
import * as sharedLimits from '../../src/domain/limits.ts';
import * as httpLimits from '../../src/http/limits.ts';
import { buildMetricsServer } from '../../src/http/metrics-server.ts';
import { routes } from '../../src/http/routes.ts';
import * as membershipLimits from '../../src/membership/limits.ts';
import { createLog } from '../../src/observe/log.ts';
import * as syncLimits from '../../src/sync/limits.ts';
import { callApi } from './call-api.ts';
import { readProblem } from './problem-shape.ts';
import { startApi } from './start-api.ts';

test('the server has exactly the routes of the contract', () => {
  const served = routes.map(({ operation }) => operation.id);
  assert.deepEqual(served.sort(), operations.map(({ id }) => id).sort());
});

test("the contract's bounds are the server's", () => {
  const { builtInFieldCount, maxIdentityText, ...bounds } = contractBounds;
  assert.equal(builtInFieldCount, builtInFields.length);
  assert.ok(maxIdentityText >= 64 + 1 + sharedLimits.maxIdentityBytes * 4);
  assert.deepEqual(fieldTypeNames, fieldTypes);
  const own: Readonly<Record<string, unknown>> = {
    ...sharedLimits,
    ...administrationLimits,
    ...httpLimits,
    ...syncLimits,
    ...membershipLimits,
  };
  for (const [name, bound] of Object.entries(bounds)) {
    const expected = own[name];
    if (typeof bound === 'number') assert.equal(bound, expected, name);
    else assert.deepEqual({ ...(expected as object), ...bound }, expected, name);
  }
});

test('metrics count the answers, add up, and hold no personal data', async (t) => {
  const api = await startApi(t);
  const token = await api.token();
  const look = '/audience/v2/contacts?identity=email:tom@hello.com';
  for (let count = 0; count < 3; count += 1) await callApi(api, { path: look, token });
  await callApi(api, { path: look, token: 'ush_wrong' });
  await callApi(api, { path: '/nowhere' });
  const identities = ['email:tom@hello.com', 'email:zoë@hello.com'];
  const batch = { method: 'POST', path: '/audience/v2/contacts/batch', token };
  await callApi(api, { ...batch, body: { identities } });
  const reader = await api.token({ scopes: ['admin:read'] });
  const { status, headers, body } = await callApi(api, { path: '/metrics', token: reader });
  assert.equal(status, 200);
  assert.equal(headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
  const lines = body.split('\n');
  for (const line of [
    'usher_http_requests_total{route="getContact",status="2xx"} 3',
    'usher_http_requests_total{route="getContact",status="4xx"} 1',
    'usher_http_requests_total{route="unrouted",status="4xx"} 1',
    'usher_http_request_duration_seconds_bucket{route="getContact",le="+Inf"} 4',
    'usher_http_request_duration_seconds_count{route="getContact"} 4',
    'usher_failed_authentications_total 1',
    'usher_batch_identities_total 2',
    'usher_contacts 2',
    'usher_ready 1',
  ]) {
    assert.ok(lines.includes(line), `${line} in ${body}`);
  }
  const sample = /^usher_[a-z_]+(?:\{[a-z]+="[^"]*"(?:,[a-z]+="[^"]*")*\})? (?:[0-9.e+-]+)$/;
  const odd = lines.filter((line) => line !== '' && !line.startsWith('# ') && !sample.test(line));
  assert.deepEqual(odd, []);
  assert.doesNotMatch(body, /tom|hello\.com|ush_/);
});

test("metrics on the API's port always require a token, whatever the address or the proxy's headers", async (t) => {
  const api = await startApi(t, { trustProxy: ['127.0.0.0/8'] });
  for (const headers of [
    {},
    { 'x-forwarded-for': '127.0.0.1' },
    { forwarded: 'for=127.0.0.1' },
    { via: '1.1 proxy' },
  ]) {
    for (const method of ['GET', 'HEAD']) {
      const call = { method, path: '/metrics', headers };
      const refused = await callApi(api, call);
      assert.equal(refused.status, 401);
      if (method === 'GET') assert.equal(readProblem(refused).code, 'token_missing');
      const token = await api.token({ scopes: ['admin:read'] });
      assert.equal((await callApi(api, { ...call, token })).status, 200);
    }
  }
  const token = await api.token();
  assert.equal(readProblem(await callApi(api, { path: '/metrics', token })).code, 'scope_missing');
});

test('the metrics port serves metrics and nothing else', async (t) => {
  const server = buildMetricsServer({
    metrics: { render: async () => 'usher_ready 1\n' },
    newRequestId: () => 'made',
    log: createLog({ level: 'silent', part: 'test' }),
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const answer = await callApi({ port }, { path: '/metrics' });
  assert.deepEqual([answer.status, answer.body], [200, 'usher_ready 1\n']);
  const other = await callApi({ port }, { path: '/admin/v1/tokens' });
  assert.equal(readProblem(other).code, 'route_unknown');
  const post = await callApi({ port }, { method: 'POST', path: '/metrics' });
  assert.equal(readProblem(post).code, 'method_not_allowed');
});

interface Document {
  readonly openapi: string;
  readonly info: { readonly description: string };
  readonly paths: Readonly<Record<string, object>>;
  readonly components: {
    readonly schemas: {
      readonly Contact: {
        readonly properties?: Readonly<Record<string, object>>;
        readonly additionalProperties: boolean;
      };
    };
  };
}

test('the document is general without a token and exact with one', async (t) => {
  const api = await startApi(t);
  const general = await callApi(api, { path: '/openapi.json' });
  const document = JSON.parse(general.body) as Document;
  assert.equal(document.openapi, '3.1.0');
  assert.equal(document.components.schemas.Contact.additionalProperties, true);
  const token = await api.token({
    fields: ['first_name', 'total_spend', 'segment_membership', 'journey_membership'],
    identityTypes: ['email'],
  });
  const exact = await callApi(api, { path: '/openapi.json', token });
  const { components, info } = JSON.parse(exact.body) as Document;
  const { properties = {}, additionalProperties } = components.schemas.Contact;
  assert.deepEqual(Object.keys(properties), ['first_name', 'total_spend', 'journey_membership']);
  assert.equal(additionalProperties, false);
  assert.match(info.description, /identity types of this organization: email\./);
  const etag = { 'if-none-match': exact.headers.get('etag') ?? '' };
  assert.equal((await callApi(api, { path: '/openapi.json', token, headers: etag })).status, 304);
  const wrong = await callApi(api, { path: '/openapi.json', token: 'ush_wrong' });
  assert.equal(readProblem(wrong).code, 'token_invalid');
});

test('the reference page loads nothing from other hosts, and may not', async (t) => {
  const api = await startApi(t);
  const page = await callApi(api, { path: '/docs/api', headers: { accept: 'text/html' } });
  assert.equal(page.status, 200);
  const policy = page.headers.get('content-security-policy') ?? '';
  const nonce = /script-src 'nonce-([^']+)'/.exec(policy)?.[1] ?? '';
  assert.ok(nonce.length >= 20);
  assert.match(policy, /default-src 'none'/);
  assert.doesNotMatch(policy, /https?:|unsafe-eval|script-src[^;]*unsafe/);
  assert.doesNotMatch(page.body, /https?:\/\//);
  for (const [element] of page.body.matchAll(/<script[^>]*>/g)) {
    assert.ok(element.includes(`nonce="${nonce}"`));
  }
  const again = await callApi(api, { path: '/docs/api' });
  assert.ok(!again.body.includes(nonce), 'a nonce is for one page');
  const path = '/docs/api/reference.js';
  const script = await fetch(api.url + path, { headers: { 'accept-encoding': 'gzip' } });
  assert.equal(script.status, 200);
  assert.match(await script.text(), /createApiReference/);
  const headers = { 'if-none-match': script.headers.get('etag') ?? '' };
  assert.equal((await callApi(api, { path, headers })).status, 304);
});
