/** Lists, creates, edits and removes segments. Nothing is evaluated here. */
import type { Segment } from '../../domain/membership/definitions.ts';
import {
  type Administration,
  changeIn,
  type Removal,
  requirePrecondition,
} from '../administration.ts';
import { everything, requireWholeSight } from '../token/actor-sight.ts';
import { WrittenDefinitions } from './definition-kind.ts';
import { requireNoRuleUsers } from './rule-users.ts';
import { type SegmentView, viewSegment } from './segment-view.ts';
import { recordSegmentEdit } from './write-segments.ts';

interface SegmentSettings {
  readonly description?: string | null;
  readonly rule?: string;
}

/** A new segment needs a rule. */
export const {
  list: listSegments,
  read: readSegment,
  find: findSegment,
  listEdits: listSegmentEdits,
  create: createSegment,
  edit: editSegment,
} = new WrittenDefinitions<Segment, SegmentView, SegmentSettings>({
  ...{ noun: 'segment', hasId: true, editKind: 'segment' },
  allIn: ({ segments }) => [...segments.values()],
  view: (segment, { names }) => viewSegment(segment, names),
  request: (segment) => ({ segments: [segment] }),
});

/**
 * @throws UsherError `definition_in_use` while rules use the segment, `precondition_failed`,
 *   `resource_not_found`, `scope_missing`
 */
export async function removeSegment(
  administration: Administration,
  organizationId: number,
  { reference, precondition }: Removal<SegmentView>,
): Promise<SegmentView> {
  requireWholeSight(administration.actor);
  return changeIn(administration, organizationId, async (change) => {
    const found = await findSegment(change, organizationId, reference);
    const { definition, view: before } = found;
    requirePrecondition(precondition, before);
    await change.deleteSegment(organizationId, definition.id);
    await requireNoRuleUsers(change, organizationId, [segmentGone(definition)], everything);
    const record = await recordSegmentEdit(change, organizationId, { before, after: null });
    return { result: before, audit: [record] };
  });
}

export function segmentGone({ id, name }: Pick<Segment, 'id' | 'name'>) {
  return { kind: 'segment', id, words: `The segment ${name} would be gone` } as const;
}
