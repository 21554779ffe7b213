/** Flows in look-ups, over real sockets. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { privacyExportSchema } from '@usher/contract/privacy-schema';
import { putExclusionGroup } from '../../src/administration/flow/exclusion-groups.ts';
import { createFlow, editFlow } from '../../src/administration/flow/flows.ts';
import { setGlobalHoldout } from '../../src/administration/flow/global-holdout.ts';
import { packMemberships } from '../../src/domain/membership/membership.ts';
import { shapeFaults } from '../../src/http/call/check-shape.ts';
import { approved } from '../administration/approved.ts';
import { email } from '../stores/sample-changes.ts';
import { callApi } from './call-api.ts';
import { everyLookup, type Json, startComputed } from './start-computed.ts';

const tom = 'email:tom@hello.com';
const lists = ['flow_variant_membership', 'flow_membership'];
const halves = [...'AB'].map((name) => ({ name, weight: 50 }));
const none = { flows: [], journeys: [], campaigns: [], segments: [] };

const objectOf = (id: number, name: string | null, variant: string | null = null) => {
  return { flow_id: id, flow_name: name, variant, since: null };
};

test('live flows answer as texts and as objects, in every kind of look-up', async (t) => {
  const { api, push, segment } = await startComputed(t);
  const { administration } = api;
  await segment('Buyers', 'total_spend > 100');
  await segment('Guests', 'shop_vip');
  const flow = (id: number, name: string, more: Json = {}) =>
    createFlow(administration, 1, { id, name, segment: 'Buyers', status: 'live', ...more });
  await flow(203_850, 'Ütility', { unit: 'email', variants: halves });
  await flow(142_309, 'Spring');
  await flow(7, 'Not for Tom', { segment: 'Guests' });
  await flow(8, 'Draft', { status: 'draft' });
  await flow(9, 'Held out', { variants: halves, holdout: 100 });
  await flow(10, 'Branches', {
    branches: [
      { rule: 'total_spend > 1000', variant: 'rich' },
      { rule: 'first_name == "Tom"', variant: 'Übung' },
    ],
    otherwise: 'other',
  });
  const token = await api.token();
  const { plain, node, posted, batch, known } = await everyLookup(api, token, {
    identity: tom,
    fields: lists,
  });
  // The slot of the e-mail with the salt 203850 is 4,643: in the first half.
  const contact = {
    flow_variant_membership: ['10-Übung', '142309', '203850-A'],
    flow_membership: [
      objectOf(10, 'Branches', 'Übung'),
      objectOf(142_309, 'Spring'),
      objectOf(203_850, 'Ütility', 'A'),
    ],
  };
  assert.deepEqual(JSON.parse(plain.body), { status: 'success', contact });
  assert.deepEqual([node.body, posted.body, known.status], [plain.body, plain.body, 304]);
  assert.deepEqual(JSON.parse(batch.body).results[1].contact, contact);

  await push({ email: 'ann@hello.com', vip: true }, { email: 'eve@hello.com' });
  const identities = [tom, 'email:ann@hello.com', 'email:eve@hello.com', tom];
  const body = { identities, fields: lists, format: 'raw' };
  const path = '/audience/v2/contacts/batch';
  const several = await callApi(api, { method: 'POST', path, token, body });
  const ofAnn = {
    flow_variant_membership: ['7'],
    flow_membership: [objectOf(7, 'Not for Tom')],
  };
  const ofEve = { flow_variant_membership: [], flow_membership: [] };
  assert.deepEqual(
    JSON.parse(several.body).results.map((result: Json) => result['contact']),
    [contact, ofAnn, ofEve, contact],
  );
});

test('reports of flows that nobody defined stay, those of stream flows are hidden', async (t) => {
  const { api, contact, segment } = await startComputed(t);
  const { administration } = api;
  await segment('Buyers', 'total_spend > 100');
  const report = (flowId: number, variant: string | null) => {
    return { flowId, flowName: '{"flow_id":5,', variant, since: '2026-01-01T00:00:00Z' };
  };
  const flows = [report(5, 'a,"5"'), report(50, null), report(6, 'X'), report(7, 'ü')];
  const packed = packMemberships({ ...none, flows });
  await api.writer.putMemberships(1, email('tom@hello.com'), packed);
  const told = async () => (await contact(tom, lists))['flow_variant_membership'];
  assert.deepEqual(await told(), ['5-a,"5"', '6-X', '7-ü', '50']);
  await createFlow(administration, 1, { id: 5, name: 'Five', segment: 'Buyers', status: 'live' });
  await createFlow(administration, 1, { id: 6, name: 'Six', segment: 'Buyers' });
  await createFlow(administration, 1, { id: 7, name: 'Seven', status: 'live' });
  assert.deepEqual(await contact(tom, lists), {
    flow_variant_membership: ['5', '7-ü', '50'],
    flow_membership: [
      objectOf(5, 'Five'),
      ...[report(7, 'ü'), report(50, null)].map(({ flowId, flowName, variant, since }) => {
        return { flow_id: flowId, flow_name: flowName, variant, since };
      }),
    ],
  });
  const paused = { reference: 'Seven', status: 'paused' };
  await editFlow(administration, 1, paused);
  assert.deepEqual(await told(), ['5', '50']);
  await editFlow(administration, 1, { ...paused, status: 'live' });
  const reported = { reference: 'Five', segment: null, kind: 'reported' };
  await approved(administration, (approver) => editFlow(approver, 1, reported));
  assert.deepEqual(await told(), ['5-a,"5"', '7-ü', '50']);
});

test('a contact is in one flow of a group, in none without the unit, and in none if held out', async (t) => {
  const { api, push, contact, segment } = await startComputed(t);
  const { administration } = api;
  await segment('All', 'true');
  for (const id of [1, 2]) {
    const flow = { id, name: `Flow ${id}`, segment: 'All', status: 'live' };
    await createFlow(administration, 1, flow);
  }
  const variants = async (identity = tom) =>
    (await contact(identity, lists))['flow_variant_membership'];
  assert.deepEqual(await variants(), ['1', '2']);
  const shares = [1, 2].map((id) => ({ flow: `Flow ${id}`, share: 50 }));
  const group = { name: 'one', unit: 'user_id', flows: shares };
  await approved(administration, (approver) => putExclusionGroup(approver, 1, group));
  assert.deepEqual(await variants(), []);
  await push({ user: '4711', email: 'tom@hello.com' });
  const found = (await variants()) as string[];
  assert.equal(found.length, 1);
  assert.deepEqual(await variants('user_id:4711'), found);
  await approved(administration, (approver) => setGlobalHoldout(approver, 1, { percent: 100 }));
  assert.deepEqual(await variants(), []);
});

test('an export of a person has what rules compute, and an answer of the same moment', async (t) => {
  const { api, contact, segment, computed } = await startComputed(t);
  await segment('Buyers', 'total_spend > 100');
  await segment('Nobody', 'false');
  await computed('loud', 'first_name.upperAscii()');
  await computed('nothing', 'shop_city');
  const flow = { id: 5, name: 'Spring', segment: 'Buyers', status: 'live' };
  await createFlow(api.administration, 1, { ...flow, unit: 'email', variants: halves });
  const { flow_variant_membership: variants } = await contact(tom, lists);
  const token = await api.token({ scopes: ['privacy:write'] });
  const exported = await callApi(api, {
    ...{ method: 'POST', path: '/admin/v1/privacy/export', token, body: { identity: tom } },
  });
  assert.equal(exported.status, 200, exported.body);
  const document = JSON.parse(exported.body) as Json;
  assert.deepEqual(shapeFaults(privacyExportSchema, document), []);
  const [text = ''] = variants as string[];
  assert.deepEqual(document['computed'], {
    fields: [{ field: 'loud', value: 'TOM' }],
    segments: [{ id: 1, name: 'Buyers' }],
    flows: [{ id: 5, name: 'Spring', variant: text.replace('5-', '') }],
  });
});

test('after a merge the surviving id decides, whichever identity was asked for', async (t) => {
  const { api, push, contact, segment } = await startComputed(t);
  await segment('All', 'true');
  const names = Array.from({ length: 50 }, (_, place) => `v${place}`);
  const variants = names.map((name) => ({ name, weight: 2 }));
  const flow = { id: 1, name: 'Fifty', segment: 'All', status: 'live', variants };
  await createFlow(api.administration, 1, flow);
  const asked = ['flow_variant_membership'];
  const ofTom = await contact(tom, asked);
  await push({ user: '1', city: 'NY' });
  await push({ user: '1', email: 'tom@hello.com' });
  assert.deepEqual(await contact(tom, asked), ofTom);
  assert.deepEqual(await contact('user_id:1', asked), ofTom);
});
