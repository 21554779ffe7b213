/** Plans at the command line: counts, and the command that carries the plan out. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { mustRunCommand, runCommand } from '../launch/run-command.ts';
import { makeDataFolder } from '../launch/run-usher.ts';

async function inPlace(context: TestContext) {
  const data = makeDataFolder(context);
  const folder = join(data, '..');
  const run = (...args: string[]) => mustRunCommand(data, args);
  const fail = (...args: string[]) => runCommand(data, args);
  const rows = Array.from({ length: 60 }, (_, at) => `${at}@example.org,${at}`);
  const csv = join(folder, 'crm.csv');
  writeFileSync(csv, `email,visits\n${rows.join('\n')}\n`);
  await run('import', csv, '--dataset', 'crm');
  await run('field', 'set', 'visits', '--condition', 'on');
  await run('segment', 'create', 'Buyers', '--rule', 'visits >= 30');
  await run('flow', 'create', 'Spring', '--segment', 'Buyers', '--status', 'live', '--id', '7');
  return { folder, run, fail };
}

test('a command that needs approval shows the counts and the command to repeat', async (context) => {
  const { run, fail } = await inPlace(context);
  const rule = ['segment', 'edit', 'Buyers', '--rule', 'visits >= 50'];
  const asked = await fail(...rule, '--yes');
  assert.equal(asked.code, 1);
  assert.match(
    asked.stderr,
    /would move 20 contacts of the flow Spring \(7\): 0 would join it, 20 leave it, and 0 get another variant; it has 30 members\./,
  );
  const command = asked.stderr.trimEnd().split('\n').at(-1) ?? '';
  const [, plan = ''] = command.match(/--plan ([0-9a-f-]{36})$/) ?? [];
  assert.ok(command.startsWith(`usher segment edit Buyers --rule 'visits >= 50'`), command);
  const { stderr } = await fail(...rule, '--plan', plan);
  assert.match(
    stderr,
    /^Moved 20 contacts of the flow Spring \(7\): 0 joined it, 20 left it, and 0 got another variant; it had 30 members\.$/m,
  );
  assert.match(await run('segment', 'list'), /visits >= 50/);
});

test('a change that needs no approval tells how many contacts it moved', async (context) => {
  const { fail } = await inPlace(context);
  const more = await fail('segment', 'edit', 'Buyers', '--rule', 'visits >= 29');
  assert.match(more.stderr, /^Moved 1 contact of the flow Spring \(7\): 1 joined it/m);
  const same = await fail('segment', 'edit', 'Buyers', '--rule', 'visits > 28');
  assert.match(same.stderr, /^No contact of a live flow moved\.$/m);
  const name = await fail('segment', 'edit', 'Buyers', '--name', 'Visitors');
  assert.doesNotMatch(name.stderr, /moved/);
});

test('usher apply needs the plan of what the file changes', async (context) => {
  const { run, fail, folder } = await inPlace(context);
  const path = join(folder, 'usher.yaml');
  writeFileSync(path, 'version: 1\nsegments:\n  Buyers: { rule: visits < 30 }\n');
  const asked = await fail('apply', '-f', path, '--yes', '--json');
  assert.equal(asked.code, 1);
  const problem = JSON.parse(asked.stderr.trimEnd().split('\n').at(-1) ?? '') as {
    readonly code: string;
    readonly plan: string;
    readonly moves: readonly Record<string, unknown>[];
  };
  assert.equal(problem.code, 'approval_required');
  const [moves] = problem.moves;
  assert.deepEqual([moves?.['members'], moves?.['joined'], moves?.['left']], [30, 30, 30]);
  await run('apply', '-f', path, '--plan', problem.plan);
  assert.match(await run('segment', 'list'), /visits < 30/);
});

test('a dry run with a plan says whether the plan approves the change', async (context) => {
  const { run, fail, folder } = await inPlace(context);
  const path = join(folder, 'usher.yaml');
  const write = (rule: string) =>
    writeFileSync(path, `version: 1\nsegments:\n  Buyers: { rule: ${rule} }\n`);
  write('visits < 30');
  const asked = await fail('apply', '-f', path, '--yes', '--json');
  const { plan } = JSON.parse(asked.stderr.trimEnd().split('\n').at(-1) ?? '') as { plan: string };
  const tryOut = ['apply', '-f', path, '--dry-run', '--plan', plan];
  const fits = await fail(...tryOut);
  assert.match(fits.stderr, /Spring \(7\).* The plan approves this\./);
  assert.doesNotMatch(fits.stderr, /needs approval/);
  const { moves } = JSON.parse(await run(...tryOut, '--json')) as {
    moves: Record<string, unknown>[];
  };
  assert.equal(moves[0]?.['needs_approval'], false);
  write('visits < 29');
  const other = await fail(...tryOut);
  assert.match(other.stderr, /This needs approval\. This plan is for another change/);
  write('visits < 30');
  await run('apply', '-f', path, '--plan', plan);
});

test('usher apply shows how many members of live flows move, and whether this needs approval', async (context) => {
  const { run, fail, folder } = await inPlace(context);
  const path = join(folder, 'usher.yaml');
  const dryRun = async (rule: string) => {
    writeFileSync(path, `version: 1\nsegments:\n  Buyers: { rule: ${rule} }\n`);
    const words = await fail('apply', '-f', path, '--dry-run');
    const data = await run('apply', '-f', path, '--dry-run', '--json');
    return { words: words.stderr, moves: JSON.parse(data).moves as Record<string, unknown>[] };
  };
  const many = await dryRun('visits >= 50');
  const [moves] = many.moves;
  const counted = [
    moves?.['members'],
    moves?.['moved'],
    moves?.['left'],
    moves?.['needs_approval'],
  ];
  assert.deepEqual(counted, [30, 20, 20, true]);
  assert.match(many.words, /would move 20 contacts of the flow Spring \(7\).* needs approval/);
  const few = await dryRun('visits >= 31');
  assert.deepEqual([few.moves[0]?.['moved'], few.moves[0]?.['needs_approval']], [1, false]);
  assert.match(few.words, /would move 1 contact of the flow Spring/);
  assert.doesNotMatch(few.words, /needs approval/);
  const none = await dryRun('"visits >= 30.0"');
  assert.deepEqual(none.moves, []);
  const still = await dryRun('"visits >= 30.0 && visits >= 1"');
  assert.deepEqual(still.moves, []);
  assert.match(still.words, /No contact of a live flow would move\./);
  // Nothing was changed, and no plan was kept.
  assert.match(await run('segment', 'list'), /visits >= 30/);
  await dryRun('visits >= 31');
  const shown = await fail('apply', '-f', path, '--yes');
  assert.equal(shown.code, 0);
  assert.match(shown.stderr, /Moved 1 contact of the flow Spring/);
});

test('usher apply names definitions as the file does, with all of their signs', async (context) => {
  const { run, fail, folder } = await inPlace(context);
  const path = join(folder, 'usher.yaml');
  await run('segment', 'create', 'A/B ~ C', '--rule', 'visits > 3');
  writeFileSync(path, 'version: 1\n');
  const { stderr } = await fail('apply', '-f', path, '--dry-run');
  assert.match(stderr, /kept .*: .*segments\.A\/B ~ C/);
  writeFileSync(path, 'version: 1\nsegments:\n  "A/B ~ C": { rule: visits > }\n');
  const wrong = await fail('apply', '-f', path, '--dry-run');
  assert.match(wrong.stderr, /3:.*: \/segments\/A\/B ~ C\/rule: /);
});
