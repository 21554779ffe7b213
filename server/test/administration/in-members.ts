/** A data folder with contacts, each with another number of visits, and administration of it. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Administration } from '../../src/administration/administration.ts';
import { defineDataset } from '../../src/administration/dataset/define-dataset.ts';
import { createToken } from '../../src/administration/token/tokens.ts';
import { openCatalog } from '../../src/catalog/open-catalog.ts';
import { contactsIn } from '../../src/compose.ts';
import type { Scope, Token } from '../../src/domain/token/token.ts';
import { openWriter } from '../../src/stores/open-store.ts';
import { email, replace, report } from '../stores/sample-changes.ts';
import { startMs } from './in-catalog.ts';
import { crm } from './in-rules.ts';

/** @param count contacts with 0, 1, 2 and so on visits */
export async function inMembers(context: TestContext, count: number) {
  const dataFolder = mkdtempSync(join(tmpdir(), 'usher-members-'));
  const catalog = await openCatalog({ kind: 'sqlite', dataFolder }, startMs);
  let nowMs = startMs;
  const operator: Administration = {
    ...{ catalog, actor: { kind: 'operator', name: 'test' }, clock: () => nowMs, randomBytes },
    contacts: contactsIn({ dataFolder }),
  };
  const { dataset, fields } = await defineDataset(operator, 1, crm());
  const visits = fields.get('visits')?.id ?? 0;
  const writer = await openWriter(dataFolder);
  context.after(async () => {
    await writer.close();
    await catalog.close();
    rmSync(dataFolder, { recursive: true });
  });
  let added = 0;
  /** Adds contacts with `from`, `from + 1` and so on visits. */
  const add = async (from: number, more: number) => {
    const numbers = Array.from({ length: more }, (_, place) => from + place);
    const rows = numbers.map((number) => {
      added += 1;
      return replace([email(`${added}@example.org`)], { [visits]: number });
    });
    const run = { runId: `run ${added}`, organizationId: 1, datasetId: dataset.id };
    const lease = await writer.beginRun(run);
    await writer.applyBatch(lease, rows);
    await writer.finishRun(lease, { baselineId: `baseline ${added}`, asOfMs: nowMs });
  };
  if (count > 0) await add(0, count);
  /** A feed says that the first contact that was added is in these variants of flows. */
  const reportFlows = async (flows: Readonly<Record<number, string>>) => {
    const run = { runId: 'reports', organizationId: 1, datasetId: dataset.id + 1 };
    const lease = await writer.beginRun(run);
    const rows = Object.entries(flows).map(([id, variant]) =>
      report([email('1@example.org')], {
        ...{ flow_id: Number(id), variant, timestamp: '2026-11-01T00:00:00.000Z' },
      }),
    );
    await writer.applyBatch(lease, rows);
    await writer.finishRun(lease, { baselineId: 'reports', asOfMs: nowMs });
  };
  return {
    operator,
    add,
    reportFlows,
    passMs: (ms: number) => {
      nowMs += ms;
    },
    asToken: async (createdBy: string, scopes: readonly Scope[]): Promise<Administration> => {
      const made = await createToken(operator, 1, { createdBy, scopes });
      const { tokens } = await catalog.loadState();
      return { ...operator, actor: { kind: 'token', token: tokens.get(made.token.id) as Token } };
    },
  };
}
