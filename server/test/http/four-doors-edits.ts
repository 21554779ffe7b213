/** Edits some definitions of a trial while its server runs and keeps what it has compiled. */
import assert from 'node:assert/strict';
import type { Administration } from '../../src/administration/administration.ts';
import { exportCatalog } from '../../src/administration/document/apply-catalog.ts';
import { editFlow } from '../../src/administration/flow/flows.ts';
import { setGlobalHoldout } from '../../src/administration/flow/global-holdout.ts';
import { editSegment } from '../../src/administration/rule/segments.ts';
import { approved } from '../administration/approved.ts';
import type { NaiveFlow } from '../membership/naive/naive-flow.ts';
import type { RandomSource } from '../membership/naive/random-source.ts';
import { type DoorsTrial, firstRuleId } from './four-doors-catalog.ts';

const editedRules = 6;

/** @returns the trial with the new definitions, after the server has read them */
export async function editTrial(trial: DoorsTrial, random: RandomSource): Promise<DoorsTrial> {
  const { api, rules } = trial;
  const { administration } = api;
  const texts = [...rules.rules];
  for (let count = 0; count < editedRules; count += 1) {
    const place = random.below(texts.length);
    const other = random.pick(texts);
    const edit = { reference: String(firstRuleId + place), rule: other.text };
    await approved(administration, (approver) => editSegment(approver, 1, edit));
    texts[place] = other;
  }
  const { flows } = rules;
  for (const flow of flows.flows.values()) {
    if (flow.segment === null || random.chance(50)) continue;
    flows.flows.set(flow.id, await editOne(administration, flow, random));
  }
  const holdout = { ...flows.holdout, percent: random.pick([0, 5, 30]) };
  await approved(administration, (approver) => setGlobalHoldout(approver, 1, holdout));
  flows.holdout = holdout;
  flows.learn(await exportCatalog(administration, 1));
  // A new token is known when the server has read the catalog.
  await api.token();
  const { organizations } = await administration.catalog.loadState();
  const state = organizations.get(1);
  assert.ok(state);
  // What plain functions remember belongs to a contact of before.
  const people = trial.people.map((person) => ({ ...person, contact: { ...person.contact } }));
  return { ...trial, state, people, rules: { ...rules, rules: texts } };
}

async function editOne(
  administration: Administration,
  flow: NaiveFlow,
  random: RandomSource,
): Promise<NaiveFlow> {
  const { id, variants, branches } = flow;
  const weights = variants?.map(({ weight }) => weight).reverse();
  const edited = {
    ...flow,
    status: random.pick(['live', 'live', 'paused'] as const),
    holdout: variants === null && branches === null ? 0 : random.pick([0, 10, 50]),
    variants: variants?.map(({ name }, at) => ({ name, weight: weights?.[at] ?? 0 })) ?? null,
  };
  const settings = {
    ...{ reference: String(id), status: edited.status, holdout: edited.holdout },
    ...(edited.variants !== null && { variants: edited.variants }),
  };
  await approved(administration, (approver) => editFlow(approver, 1, settings));
  return edited;
}
