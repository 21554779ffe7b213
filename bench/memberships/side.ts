/** The data folders that `npm run bench:memberships` measures: the same contacts, other rules. */
import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { workFolder } from '../lookup/folders.ts';
import { runProgram } from '../lookup/run-program.ts';
import { prepareUsherData, type UsherData, usher } from '../lookup/usher-data.ts';
import {
  catalogFile,
  conditionFields,
  type DefinitionCounts,
  fiftyRules,
  fiftyRulesText,
} from './definitions.ts';

/** How much is defined on each side. */
export const sideCounts = {
  none: { segments: 0, flows: 0 },
  few: { segments: 20, flows: 20 },
  some: { segments: 50, flows: 20 },
  many: { segments: 1_999, flows: 400 },
} as const satisfies Record<string, DefinitionCounts>;

export type SideName = keyof typeof sideCounts;

export interface Side extends UsherData {
  /** It may read and change definitions. */
  readonly adminToken: string;
  /** Milliseconds that `usher apply` took for all definitions at once. */
  readonly applyMs: number;
}

/** Makes the folders anew from one import, which is kept. */
export async function prepareSides(contacts: number): Promise<Record<SideName, Side>> {
  const data = await prepareUsherData(contacts);
  const folder = join(workFolder, 'memberships');
  rmSync(folder, { recursive: true, force: true });
  const base = { ...data, folder: join(folder, 'base') };
  cpSync(data.folder, base.folder, { recursive: true });
  for (const name of conditionFields) {
    await runProgram(usher(base.folder, ['field', 'set', name, '--condition', 'on']));
  }
  const scopes = ['admin:read', 'admin:write', 'contacts:read'];
  const create = ['token', 'create', '--email', 'admin@example.com'];
  const flags = scopes.flatMap((scope) => ['--scope', scope]);
  const adminToken = (await runProgram(usher(base.folder, [...create, ...flags]))).trim();
  const prepare = (name: SideName) => prepareSide(name, base, adminToken);
  const sides = {
    none: await prepare('none'),
    few: await prepare('few'),
    some: await prepare('some'),
    many: await prepare('many'),
  };
  rmSync(base.folder, { recursive: true, force: true });
  return sides;
}

async function prepareSide(name: SideName, base: UsherData, adminToken: string): Promise<Side> {
  const counts = sideCounts[name];
  console.error(`defining ${counts.segments} segments and ${counts.flows} flows`);
  const folder = join(workFolder, 'memberships', name);
  cpSync(base.folder, folder, { recursive: true });
  const file = `${folder}.yaml`;
  writeFileSync(file, catalogFile(counts));
  const begunMs = performance.now();
  await runProgram(usher(folder, ['apply', '-f', file, '--yes']));
  const applyMs = performance.now() - begunMs;
  if (counts.segments >= 50) {
    const rule = ['--rule', fiftyRulesText()];
    await runProgram(usher(folder, ['segment', 'create', fiftyRules, ...rule]));
  }
  return { ...base, folder, adminToken, applyMs };
}
