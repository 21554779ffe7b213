/** Of two editors who saw the same version of a definition, one wins and the other is told. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callApi } from './call-api.ts';
import { startDoors } from './definition-doors.ts';
import { readProblem } from './problem-shape.ts';

interface Race {
  readonly path: string;
  readonly method: 'PATCH' | 'PUT';
  /** Of each editor: different changes that are both possible. */
  readonly bodies: readonly [object, object];
  readonly isRemovable: boolean;
}

const shares = (share: number) => ({ flows: [{ flow: 'Spring', share }] });

const press = (column: string) => ({
  definition: { kind: 'list', identifiers: { email: column } },
});

const races: readonly Race[] = [
  {
    path: '/segments/3',
    method: 'PATCH',
    bodies: [{ description: 'one' }, { name: 'Other' }],
    isRemovable: true,
  },
  {
    path: '/computed-fields/is_buyer',
    method: 'PATCH',
    bodies: [{ description: 'one' }, { rule: 'in_segment("VIPs")' }],
    isRemovable: true,
  },
  {
    path: '/flows/6',
    method: 'PATCH',
    bodies: [{ status: 'live' }, { segment: 'Buyers' }],
    isRemovable: true,
  },
  {
    path: '/exclusion-groups/Mails',
    method: 'PUT',
    bodies: [shares(10), shares(20)],
    isRemovable: true,
  },
  {
    path: '/global-holdout',
    method: 'PATCH',
    bodies: [{ percent: 1 }, { percent: 2 }],
    isRemovable: false,
  },
  {
    path: '/identity-types/spare',
    method: 'PATCH',
    bodies: [{ shared_limit: 7 }, { blocked: ['x'] }],
    isRemovable: true,
  },
  {
    path: '/datasets/press',
    method: 'PUT',
    bodies: [press('Mail 1'), press('Mail 2')],
    isRemovable: false,
  },
  {
    path: '/fields/first_name',
    method: 'PATCH',
    bodies: [{ content: false }, { description: 'two' }],
    isRemovable: false,
  },
];

for (const { path, method, bodies, isRemovable } of races) {
  test(`one of two editors of ${path} wins`, async (t) => {
    const { api, token, exported } = await startDoors(t);
    const call = { path: `/admin/v1${path}`, token };
    const versionOf = async () => {
      const shown = await callApi(api, call);
      assert.equal(shown.status, 200, shown.body);
      return { shown: shown.body, headers: { 'if-match': shown.headers.get('etag') ?? '' } };
    };
    const { headers } = await versionOf();
    const answers = await Promise.all(
      bodies.map((body) => callApi(api, { ...call, method, body, headers })),
    );
    const statuses = answers.map(({ status }) => status);
    assert.deepEqual(statuses.toSorted(), [200, 412], JSON.stringify(answers));
    const lost = answers.find(({ status }) => status === 412);
    assert.equal(lost && readProblem(lost).code, 'precondition_failed');
    const won = answers.find(({ status }) => status === 200);
    const after = await versionOf();
    // The answer to a new definition of a dataset has warnings of the change, too.
    const answered = JSON.parse(won?.body ?? '');
    if (path.startsWith('/datasets/')) delete answered.warnings;
    assert.deepEqual(JSON.parse(after.shown), answered);
    if (!isRemovable) return;
    const before = await exported();
    const late = await callApi(api, { ...call, method: 'DELETE', headers });
    assert.equal(late.status, 412, 'who saw the version before removes nothing');
    assert.equal(await exported(), before);
    const body = bodies[statuses.indexOf(412)];
    const both = await Promise.all([
      callApi(api, { ...call, method: 'DELETE', headers: after.headers }),
      callApi(api, { ...call, method, body, headers: after.headers }),
    ]);
    assert.equal(both.filter(({ status }) => status < 300).length, 1, JSON.stringify(both));
    assert.ok(
      both.some(({ status }) => status === 412 || status === 404),
      JSON.stringify(both),
    );
  });
}
