/** Applies the computed fields and the segments of a catalog document. */
import { maxRuleBytes } from '../../membership/limits.ts';
import { maxDescriptionLength } from '../limits.ts';
import { deleteComputedField } from '../rule/computed-fields.ts';
import { readRuleBook } from '../rule/rule-book.ts';
import { viewSegment } from '../rule/segment-view.ts';
import { segmentGone } from '../rule/segments.ts';
import type { ComputedFieldRequest } from '../rule/write-computed-fields.ts';
import { writeDefinitions } from '../rule/write-definitions.ts';
import { recordSegmentEdit, type SegmentRequest } from '../rule/write-segments.ts';
import type { ApplyStep } from './apply-settings.ts';
import { type DocumentReader, givenMembers } from './document-reader.ts';
import { computedFieldMembers, readFieldSettings } from './field-document.ts';

const segmentMembers = ['id', 'description', 'rule'] as const;

/** Runs after the datasets, because rules name their fields. Rules may name each other. */
export async function applyRules(step: ApplyStep): Promise<void> {
  const { change, organization, place } = step;
  const request = {
    organizationId: organization.id,
    problems: place.problems,
    computedFields: entriesOf(place, 'computed_fields').flatMap(readComputedField),
    segments: entriesOf(place, 'segments').flatMap(readSegment),
  };
  // A rule may name a field whose dataset has a problem, and would only repeat the problem.
  if (place.problems.count > 0) return;
  const { audit, losses } = await writeDefinitions(change, request);
  step.audit.push(...audit);
  step.losses.push(...losses);
}

/**
 * Removes what the document does not name. It runs before anything is written, so that names are
 * free again. `gone` and `losses` get what rules must not use at the end.
 */
export async function pruneRules(step: ApplyStep): Promise<void> {
  const { change, organization, place } = step;
  const book = await readRuleBook(change, organization.id);
  const segments = entriesOf(place, 'segments');
  const names = new Set(segments.map(([name]) => name));
  const ids = new Set(segments.map(([, at]) => at.member('id').value));
  for (const segment of book.segments.values()) {
    if (names.has(segment.name) || ids.has(segment.id)) continue;
    await change.deleteSegment(organization.id, segment.id);
    const before = viewSegment(segment, book.names);
    step.audit.push(await recordSegmentEdit(change, organization.id, { before, after: null }));
    step.gone.push(segmentGone(segment));
  }
  const fields = new Set(entriesOf(place, 'computed_fields').map(([name]) => name));
  for (const field of book.fields.values()) {
    if (field.rule === null || fields.has(field.name)) continue;
    step.audit.push(
      await deleteComputedField(change, organization.id, { field, names: book.names }),
    );
    step.losses.push({ field, change: 'dropped' });
  }
}

function entriesOf(place: DocumentReader, member: 'computed_fields' | 'segments') {
  return place.member(member).entries('names, each with its rule');
}

type Entry = readonly [name: string, at: DocumentReader];

function readSegment([name, at]: Entry): SegmentRequest[] {
  if (!at.takes(segmentMembers)) return [];
  const count = at.problems.count;
  const id = at.member('id');
  const wanted = givenMembers({
    id: id.isAbsent || typeof id.value === 'number' ? id.value : id.fail('Give a number.'),
    description: readDescription(at.member('description')),
    rule: at.member('rule').text(maxRuleBytes),
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
  const rule = at.member('rule').text(maxRuleBytes);
  if (at.problems.count > count) return [];
  const place = { path: at.path, namePath: at.path };
  return [{ name, settings, ...place, ...(rule !== undefined && { rule }) }];
}
