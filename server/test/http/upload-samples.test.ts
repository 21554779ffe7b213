/** What a caller sees of an uploaded file, and of the state and the rejected rows of datasets. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { rejectionsFile } from '../../src/domain/data-files.ts';
import { listRejections } from '../../src/runs/list-rejections.ts';
import { writeReport } from '../../src/sync/apply/report-file.ts';
import { callApi } from './call-api.ts';
import { uploadFile } from './upload-file.ts';
import { columnsOf, type Json, startPlace } from './upload-place.ts';

test('a caller that may not see contacts sees only the values of public fields', async (t) => {
  const { blind, sample, call } = await startPlace(t);
  const file = 'email_address,first_name,shoe_size\ntom@hello.com,Tom,43\n';
  const seen = await sample('crm.csv', file);
  assert.deepEqual(
    columnsOf(seen).map(({ masked, values }) => [masked, values]),
    [
      [false, ['tom@hello.com']],
      [false, ['Tom']],
      [false, ['43']],
    ],
  );
  const hidden = await sample('crm.csv', file, blind);
  assert.doesNotMatch(JSON.stringify(hidden.body), /tom@hello|Tom|43/);
  await call('PATCH', '/admin/v1/fields/shoe_size', { body: { sensitivity: 'public' } });
  await call('PATCH', '/admin/v1/fields/first_name', { body: { sensitivity: 'internal' } });
  assert.deepEqual(
    columnsOf(await sample('crm.csv', file, blind)).map(({ masked, values }) => [masked, values]),
    [
      [true, []],
      [true, []],
      [false, ['43']],
    ],
  );
});

test('names of fields that other datasets fill get the name of the dataset in front', async (t) => {
  const { sample, call } = await startPlace(t);
  const drafted = await sample('shoes.csv', 'email,shoe_size,width\na@x.org,43,9\n');
  assert.deepEqual(
    columnsOf(drafted).map(({ field, is_new: isNew }) => [field, isNew]),
    [
      ['shoes_email', true],
      ['shoes_shoe_size', true],
      ['shoes_width', true],
    ],
  );
  const body = { definition: drafted.body['definition'] };
  const defined = await call('PUT', '/admin/v1/datasets/shoes', { body });
  assert.equal(defined.status, 200, JSON.stringify(defined.body));
});

test('a file without a column of addresses is shown with columns that may identify', async (t) => {
  const { sample } = await startPlace(t);
  const { status, body } = await sample(
    'till.csv',
    'phone,total\n+4915155500017,5\n+4915155500018,6\n',
  );
  assert.equal(status, 200, JSON.stringify(body));
  assert.deepEqual([body['rows_read'], body['identifiers']], [null, []]);
  assert.ok((body['candidates'] as string[]).includes('phone'), JSON.stringify(body['candidates']));
});

test('a sample counts the rows by the keys that the caller chose', async (t) => {
  const { api, all, call } = await startPlace(t);
  const content = 'Ref,mobile,ref\nr1,+4915155500017,x\nr1,+4915155500018,x\nr3,nobody,y\n';
  const sent = await uploadFile({ port: api.port, token: all, name: 'till.csv' }, content);
  const sample = (query: string) =>
    call('GET', `/admin/v1/uploads/${sent.body['id']}/sample?rows=1&${query}`);
  const ofKey = async (identifiers: string) => {
    const { body } = await sample(`identifiers=${identifiers}`);
    return [body['rows_read'], body['rejections'], body['new_identity_types']];
  };
  assert.deepEqual(await ofKey('1:till_ref'), [3, { identity_repeated: 1 }, ['till_ref']]);
  const mobile = { name: 'mobile', normalisation: 'phone' };
  const phone = [3, { identity_invalid: 1 }, [mobile]];
  assert.deepEqual(await ofKey('2:mobile:phone'), phone);
  // Names that differ only in capitals: the place says which column is meant.
  const left = columnsOf(await sample('identifiers=2:mobile&skip=3'));
  assert.deepEqual(
    left.map(({ field }) => field),
    ['ref', 'mobile', null],
  );
  for (const [query, code, words] of [
    ['types=2:nothing', 'parameter_invalid', /^there is no type nothing/],
    ['types=9:date', 'parameter_invalid', /^the file has no column 9/],
    ['identifiers=mobile:mobile', 'parameter_invalid', /identifiers/],
  ] as const) {
    const { status, body } = await sample(query);
    assert.deepEqual([status, body['code']], [400, code], JSON.stringify(body));
    assert.match(String(body['detail']), words);
  }
});

test('a later file is read in the encoding of its dataset, and says which columns it lacks', async (t) => {
  const { api, all, call } = await startPlace(t);
  const send = async (name: string, content: string | Buffer, dataset?: string) => {
    const sent = await uploadFile({ port: api.port, token: all, name }, content);
    const target = dataset === undefined ? '' : `&dataset=${dataset}`;
    return call('GET', `/admin/v1/uploads/${sent.body['id']}/sample?rows=1${target}`);
  };
  const first = await send('clients.csv', 'client_mail,tier,mesto\na@x.org,gold,Brno\n');
  assert.deepEqual(first.body['missing_columns'], []);
  const drafted = first.body['definition'] as Json;
  const definition = { ...drafted, source: { kind: 'upload', encoding: 'windows-1250' } };
  const path = '/admin/v1/datasets/clients';
  const defined = await call('PUT', path, { body: { definition } });
  assert.equal(defined.status, 200, JSON.stringify(defined.body));
  const polish = Buffer.concat([
    Buffer.from('client_mail,mesto\na@x.org,'),
    Buffer.from([0xa3, 0xf3, 0x64, 0x9f]),
  ]);
  const unknown = await send('new.csv', polish);
  assert.equal(unknown.status, 422, JSON.stringify(unknown.body));
  assert.match(String(unknown.body['detail']), /Name its encoding/);
  const chosen = await send('new.csv', polish, 'towns&encoding=cp1250');
  assert.deepEqual(columnsOf(chosen).at(-1)?.['values'], ['Łódź'], JSON.stringify(chosen.body));
  const { source } = chosen.body['definition'] as { source: Json };
  assert.equal(source['encoding'], 'cp1250', 'a run reads what was chosen');
  const later = await send('later.csv', polish, 'clients');
  assert.deepEqual(later.body['missing_columns'], ['tier'], JSON.stringify(later.body));
  assert.deepEqual(columnsOf(later).at(-1)?.['values'], ['Łódź']);
});

test('a call that may only create leaves a dataset of the same name as it is', async (t) => {
  const { api, all, call } = await startPlace(t);
  const path = '/admin/v1/datasets/towns';
  const put = async (field: string) => {
    const definition = {
      source: { kind: 'upload' },
      identifiers: { email: 'mail' },
      fields: { [field]: { type: 'string' } },
    };
    const headers = { 'if-none-match': '*' };
    return callApi(api, { method: 'PUT', path, token: all, body: { definition }, headers });
  };
  const made = await put('town');
  assert.equal(made.status, 200, made.body);
  const refused = await put('river');
  assert.equal(refused.status, 412, refused.body);
  assert.match(refused.body, /A dataset of the name towns exists/);
  const kept = await call('GET', path);
  assert.match(JSON.stringify(kept.body), /"town"/);
});

test('a damaged file is a problem in words that a caller can use', async (t) => {
  const { sample } = await startPlace(t);
  const { status, body } = await sample('people.json', '[{"email": "a@x.org"');
  assert.deepEqual([status, body['code']], [422, 'definition_invalid']);
  assert.match(String(body['detail']), /people\.json/);
  assert.doesNotMatch(String(body['detail']), /\/tmp\/|uploads\//);
});

test('a token may not name a file on the server, nor start a run with a file elsewhere', async (t) => {
  const { api, all, call } = await startPlace(t);
  const definition = {
    source: { kind: 'file', paths: ['/etc/passwd'] },
    identifiers: { email: 'a' },
    fields: {},
  };
  const refused = await call('PUT', '/admin/v1/datasets/own', { body: { definition } });
  assert.deepEqual([refused.status, refused.body['code']], [403, 'scope_missing']);
  const upload = (
    await uploadFile({ port: api.port, token: all, name: 'a.csv' }, 'email\na@x.org\n')
  ).body['id'];
  const run = await call('POST', '/admin/v1/datasets/crm/runs', { body: { upload } });
  assert.deepEqual([run.status, run.body['code']], [422, 'definition_invalid']);
});

test('a schedule is paused and resumed over HTTP, and the state of datasets says so', async (t) => {
  const { call } = await startPlace(t);
  const { body } = await call('GET', '/admin/v1/dataset-status');
  const [crm] = body['data'] as readonly Json[];
  assert.deepEqual(
    [crm?.['dataset'], crm?.['contacts'], crm?.['age'], crm?.['as_of'], crm?.['last_run']],
    ['crm', 2, 'current', '2024-01-02T00:00:00Z', null],
  );
  const refused = await call('POST', '/admin/v1/datasets/crm/pause');
  assert.deepEqual([refused.status, refused.body['code']], [422, 'definition_invalid']);
  assert.equal((await call('POST', '/admin/v1/datasets/none/pause')).status, 404);
});

test('the rejected rows of a run come in pages and as a file, as they were written', async (t) => {
  const { api, all } = await startPlace(t);
  const path = join(api.dataFolder, rejectionsFile('the-run'));
  mkdirSync(dirname(path), { recursive: true });
  const names = ['=1+1', 'a "quoted", name', 'two\nlines', '', 'plain'];
  const rows = names.map((column, place) => ({ row: place + 1, column }));
  const cellsOf = ({ column }: { column: string }) => [
    column,
    'value_invalid',
    'is no number, "sic"',
  ];
  await writeReport(path, rows, { columns: ['column', 'code', 'reason'], cellsOf, total: 9 });
  const dataset = await api.administration.catalog.read((view) => view.findDataset(1, 'crm'));
  await api.administration.catalog.startRun({
    ...{ id: 'the-run', organizationId: 1, datasetId: dataset?.id ?? 0, kind: 'sync' },
    ...{ trigger: 'api', definitionVersion: 1, startedAtMs: 1, approvalOf: null },
  });
  const caller = { administration: api.administration, organizationId: 1 };
  const page = { runId: 'the-run', afterLine: 0, limit: 3, code: undefined };
  const first = await listRejections(caller, api.dataFolder, page);
  assert.deepEqual(
    first.map(({ line, view }) => [line, view.row, view.column]),
    [
      [1, 1, '=1+1'],
      [2, 2, 'a "quoted", name'],
      [3, 3, 'two\nlines'],
    ],
  );
  const rest = await listRejections(caller, api.dataFolder, { ...page, afterLine: 3 });
  assert.deepEqual(
    rest.map(({ view }) => view),
    [
      { file: null, row: 4, column: null, code: 'value_invalid', reason: 'is no number, "sic"' },
      { file: null, row: 5, column: 'plain', code: 'value_invalid', reason: 'is no number, "sic"' },
    ],
  );
  const others = await listRejections(caller, api.dataFolder, { ...page, code: 'field_unknown' });
  assert.deepEqual(others, []);

  const saved = async (body: object) => {
    const to = {
      method: 'POST',
      path: '/admin/v1/runs/the-run/rejections/export',
      token: all,
      body,
    };
    const answer = await callApi(api, to);
    assert.equal(answer.status, 200, answer.body);
    return answer;
  };
  const csv = await saved({ format: 'csv' });
  assert.match(csv.headers.get('content-disposition') ?? '', /"rejections-the--[\d-]{10}\.csv"/);
  const reason = '"is no number, ""sic"""';
  assert.deepEqual(csv.body.split('\r\n'), [
    'file,row,column,code,reason',
    `,1,'=1+1,value_invalid,${reason}`,
    `,2,"a ""quoted"", name",value_invalid,${reason}`,
    `,3,"two\nlines",value_invalid,${reason}`,
    `,4,,value_invalid,${reason}`,
    `,5,plain,value_invalid,${reason}`,
    '"The run rejected more rows than it lists: and 4 more, of every code."',
    '',
  ]);
  const lines = (await saved({ format: 'ndjson', code: 'field_unknown' })).body.trim().split('\n');
  assert.deepEqual(
    lines.map((line) => Object.keys(JSON.parse(line))),
    [['export_ended']],
  );
});

test('the tokens that read a field are listed, and only those that are live', async (t) => {
  const { api, call } = await startPlace(t);
  const [token] = await api.administration.catalog.read((view) => view.listTokens(1));
  assert.ok(token);
  const day = Math.floor(Date.now() / 86_400_000);
  const fieldId = api.fieldId('first_name');
  await api.administration.catalog.recordFieldReads([
    { tokenRowId: token.rowId, fieldId, day },
    { tokenRowId: 9_999, fieldId, day },
  ]);
  const { body } = await call('GET', '/admin/v1/field-readers');
  assert.deepEqual(body['data'], [
    {
      ...{ field: 'first_name', token_id: token.id, token_name: token.name },
      last_characters: token.lastCharacters,
      read_on: new Date(day * 86_400_000).toISOString().slice(0, 10),
    },
  ]);
});
