/** Applies the definitions with rules of a catalog document: computed fields, segments, flows. */

import { givenMembers } from '../../domain/given-members.ts';
import { deleteFlow } from '../flow/flows.ts';
import { writeGlobalHoldout } from '../flow/global-holdout.ts';
import { deleteGroup, writeGroups } from '../flow/write-groups.ts';
import { mayLowerSensitivity } from '../guard-sensitivity.ts';
import { maxDescriptionLength } from '../limits.ts';
import { deleteComputedField } from '../rule/computed-fields.ts';
import { readRuleBook } from '../rule/rule-book.ts';
import { viewSegment } from '../rule/segment-view.ts';
import { segmentGone } from '../rule/segments.ts';
import type { ComputedFieldRequest } from '../rule/write-computed-fields.ts';
import { writeDefinitions } from '../rule/write-definitions.ts';
import { recordSegmentEdit, type SegmentRequest } from '../rule/write-segments.ts';
import type { ApplyStep } from './apply-settings.ts';
import type { DocumentReader } from './document-reader.ts';
import { computedFieldMembers, readFieldSettings } from './field-document.ts';
import { readFlowDocument, readGroupDocument, readHoldoutDocument } from './flow-document.ts';
import { readRuleDocument } from './rule-document.ts';

const segmentMembers = ['id', 'description', 'rule'] as const;

/** Runs after the datasets, because rules name their fields. Rules may name each other. */
export async function applyRules(step: ApplyStep): Promise<void> {
  const { change, organization, place } = step;
  const { problems } = place;
  const organizationId = organization.id;
  const request = {
    organizationId,
    problems,
    mayLower: mayLowerSensitivity(step.administration.actor),
    computedFields: entriesOf(place, 'computed_fields').flatMap(readComputedField),
    segments: entriesOf(place, 'segments').flatMap(readSegment),
    flows: entriesOf(place, 'flows').flatMap(([name, at]) => readFlowDocument(name, at) ?? []),
  };
  const groups = entriesOf(place, 'exclusion_groups');
  const requests = groups.flatMap(([name, at]) => readGroupDocument(name, at) ?? []);
  const at = place.member('global_holdout');
  const settings = readHoldoutDocument(at);
  // A rule may name a field whose dataset has a problem, and would only repeat the problem.
  if (problems.count > 0) return;
  const { audit, losses } = await writeDefinitions(change, request);
  step.audit.push(...audit);
  step.losses.push(...losses);
  if (problems.count > 0) return;
  step.audit.push(...(await writeGroups(change, organizationId, { requests, problems })));
  if (settings === undefined) return;
  const holdout = { organization, settings, problems: problems.below(at.path) };
  step.audit.push(...(await writeGlobalHoldout(change, holdout)));
}

/**
 * Removes what the document does not name. It runs before anything is written, so that names are
 * free again. `gone` and `losses` get what rules must not use at the end.
 */
export async function pruneRules(step: ApplyStep): Promise<void> {
  const { change, organization, place } = step;
  const organizationId = organization.id;
  const book = await readRuleBook(change, organizationId);
  const groups = new Set(entriesOf(place, 'exclusion_groups').map(([name]) => name));
  for (const group of book.groups.values()) {
    if (groups.has(group.name)) continue;
    step.audit.push(await deleteGroup(change, organizationId, { group, book }));
  }
  const isFlowNamed = namedIn(place, 'flows');
  for (const flow of book.flows.values()) {
    if (isFlowNamed(flow)) continue;
    step.audit.push(await deleteFlow(change, organizationId, { flow, book }));
    step.goneFlows.push(flow);
  }
  const isSegmentNamed = namedIn(place, 'segments');
  for (const segment of book.segments.values()) {
    if (isSegmentNamed(segment)) continue;
    await change.deleteSegment(organizationId, segment.id);
    const before = viewSegment(segment, book.names);
    step.audit.push(await recordSegmentEdit(change, organizationId, { before, after: null }));
    step.gone.push(segmentGone(segment));
  }
  const fields = new Set(entriesOf(place, 'computed_fields').map(([name]) => name));
  for (const field of book.fields.values()) {
    if (field.rule === null || fields.has(field.name)) continue;
    step.audit.push(await deleteComputedField(change, organizationId, { field, book }));
    step.losses.push({ field, change: 'dropped' });
  }
}

/** Whether the document has the definition under its name or with its id. */
function namedIn(place: DocumentReader, member: 'flows' | 'segments') {
  const entries = entriesOf(place, member);
  const names = new Set(entries.map(([name]) => name));
  const ids = new Set(entries.map(([, at]) => at.member('id').value));
  return ({ id, name }: { readonly id: number; readonly name: string }) =>
    names.has(name) || ids.has(id);
}

type RuleMember = 'computed_fields' | 'segments' | 'flows' | 'exclusion_groups';

function entriesOf(place: DocumentReader, member: RuleMember) {
  return place.member(member).entries('names, each with its definition');
}

type Entry = readonly [name: string, at: DocumentReader];

function readSegment([name, at]: Entry): SegmentRequest[] {
  if (!at.takes(segmentMembers)) return [];
  const count = at.problems.count;
  const id = at.member('id');
  const wanted = givenMembers({
    id: id.isAbsent || typeof id.value === 'number' ? id.value : id.fail('Give a number.'),
    description: readDescription(at.member('description')),
    rule: readRuleDocument(at.member('rule')),
  });
  if (at.problems.count > count) return [];
  const place = { path: at.path, namePath: at.path };
  return [{ name, ...place, ...(wanted as Partial<SegmentRequest>) }];
}

/** Null removes it. */
function readDescription(at: DocumentReader): string | null | undefined {
  return at.value === null ? null : at.text(maxDescriptionLength);
}

function readComputedField([name, at]: Entry): ComputedFieldRequest[] {
  if (!at.takes(computedFieldMembers)) return [];
  const count = at.problems.count;
  const settings = readFieldSettings(at);
  const rule = readRuleDocument(at.member('rule'));
  if (at.problems.count > count) return [];
  const place = { path: at.path, namePath: at.path };
  return [{ name, settings, ...place, ...(rule !== undefined && { rule }) }];
}
