/** Several real processes change one catalog at the same time, and one of them is killed. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { updateOrganization } from '../../src/administration/organizations.ts';
import { openCatalog } from '../../src/catalog/open-catalog.ts';

const tokensEach = 40;

test('processes that change tokens at the same time lose no change, and a killed one blocks no other', async () => {
  const dataFolder = mkdtempSync(join(tmpdir(), 'usher-processes-'));
  const catalog = await openCatalog({ kind: 'sqlite', dataFolder }, Date.now());
  try {
    const actor = { kind: 'operator', name: 'test' } as const;
    const contacts = async () => undefined;
    const administration = { catalog, actor, clock: Date.now, randomBytes, contacts };
    const settings = { tokenPoolMax: 1_000 };
    await updateOrganization(administration, 1, { settings });
    const [victim, ...others] = Array.from({ length: 4 }, () => startProcess(dataFolder));
    assert.ok(victim !== undefined);
    await victim.said(7);
    victim.child.kill('SIGKILL');
    const codes = await Promise.all(others.map((other) => other.ended));
    await victim.ended;
    assert.deepEqual(codes, [0, 0, 0], 'the other processes completed');

    const told = [victim, ...others].flatMap((one) => one.lines);
    assert.equal(others[0]?.lines.length, tokensEach * 1.5);
    const tokens = await catalog.read((view) => view.listTokens(1));
    const known = new Map(tokens.map((token) => [token.id, token]));
    for (const line of told) {
      const [what, id = ''] = line.split(' ');
      assert.ok(known.has(id), `${line} is kept`);
      if (what === 'revoked') assert.notEqual(known.get(id)?.revokedAtMs, null, line);
    }
    const revoked = tokens.filter((token) => token.revokedAtMs !== null).length;
    const entries = await catalog.read((view) => view.listAudit(1, { limit: 10_000 }));
    assert.equal(entries.length, tokens.length + revoked + 1, 'one audit entry for each change');
    assert.equal(await catalog.readRevision(), 1 + entries.length, 'one revision for each change');

    const before = performance.now();
    await updateOrganization(administration, 1, { settings: { rateLimit: 51 } });
    assert.ok(performance.now() - before < 1_000, 'no change waits for the killed process');
  } finally {
    await catalog.close();
    rmSync(dataFolder, { recursive: true });
  }
});

interface RunningProcess {
  readonly child: ChildProcess;
  readonly lines: string[];
  readonly ended: Promise<number | null>;
  /** Resolves when the process has printed this many lines. */
  readonly said: (count: number) => Promise<void>;
}

function startProcess(dataFolder: string): RunningProcess {
  const script = join(import.meta.dirname, 'change-tokens.ts');
  const child = spawn(process.execPath, [script, dataFolder, String(tokensEach)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  const output = createInterface({ input: child.stdout });
  output.on('line', (line) => lines.push(line));
  const closed = once(output, 'close');
  const ended = once(child, 'exit').then(async ([code]) => {
    await closed;
    return code as number | null;
  });
  const said = async (count: number) => {
    while (lines.length < count)
      await once(output, 'line', { signal: AbortSignal.timeout(20_000) });
  };
  return { child, lines, ended, said };
}
