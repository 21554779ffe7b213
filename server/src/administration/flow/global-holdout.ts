/** The global holdout: contacts that are in no flow of the organization. */
import { isDeepStrictEqual } from 'node:util';
import type { CatalogChange, OrganizationRecord } from '../../catalog/catalog.ts';
import { globalHoldoutFaults } from '../../domain/flow/check-flow.ts';
import {
  type Administration,
  type ChangeRecord,
  changeIn,
  type Precondition,
  readIn,
  requirePrecondition,
} from '../administration.ts';
import { DefinitionProblems } from '../dataset/definition-problems.ts';
import { readRuleBook } from '../rule/rule-book.ts';
import { requireWholeSight } from '../token/actor-sight.ts';
import { contactUnit, type HoldoutView, viewHoldout } from './flow-view.ts';
import { settleUnit } from './settle-unit.ts';

/** What is not given stays. */
export interface HoldoutSettings {
  /** 0: nobody is held out. */
  readonly percent?: number;
  readonly unit?: string;
  readonly salt?: string;
}

const usualSalt = 'global-holdout';

/** What holds without a holdout of the organization. A catalog file does not name it. */
export const noHoldout: HoldoutView = { percent: 0, unit: contactUnit, salt: usualSalt };

export async function readGlobalHoldout(
  administration: Administration,
  organizationId: number,
): Promise<HoldoutView> {
  return readIn(administration, organizationId, async (view) => {
    const holdout = await view.readGlobalHoldout(organizationId);
    return holdout === null
      ? noHoldout
      : viewHoldout(holdout, await readRuleBook(view, organizationId));
  });
}

/** @throws UsherError `definition_invalid`, `precondition_failed`, `scope_missing` */
export async function setGlobalHoldout(
  administration: Administration,
  organizationId: number,
  request: HoldoutSettings & { readonly precondition?: Precondition<HoldoutView> },
): Promise<HoldoutView> {
  requireWholeSight(administration.actor);
  const { precondition, ...settings } = request;
  return changeIn(administration, organizationId, async (change, organization) => {
    const book = await readRuleBook(change, organizationId);
    const before = await change.readGlobalHoldout(organizationId);
    requirePrecondition(precondition, before === null ? noHoldout : viewHoldout(before, book));
    const problems = new DefinitionProblems();
    const audit = await writeGlobalHoldout(change, { organization, settings, problems });
    problems.throwIfAny();
    const after = await change.readGlobalHoldout(organizationId);
    return { result: after === null ? noHoldout : viewHoldout(after, book), audit };
  });
}

/** Writes nothing if it notes a problem. */
export async function writeGlobalHoldout(
  change: CatalogChange,
  asked: {
    readonly organization: OrganizationRecord;
    readonly settings: HoldoutSettings;
    readonly problems: DefinitionProblems;
  },
): Promise<readonly ChangeRecord[]> {
  const { organization, settings, problems } = asked;
  const count = problems.count;
  const book = await readRuleBook(change, organization.id);
  const known = await change.readGlobalHoldout(organization.id);
  const wanted = {
    percent: settings.percent ?? known?.percent ?? 0,
    unit: settleUnit(settings.unit, known?.unit, { book, problems }),
    salt: settings.salt ?? known?.salt ?? usualSalt,
  };
  for (const { path, detail } of globalHoldoutFaults(wanted)) problems.add(path, detail);
  if (problems.count > count) return [];
  const before = known === null ? noHoldout : viewHoldout(known, book);
  const after = viewHoldout(wanted, book);
  if (isDeepStrictEqual(before, after)) return [];
  await change.setGlobalHoldout(organization.id, wanted);
  return [{ action: 'global_holdout.set', target: organization.name, before, after }];
}
