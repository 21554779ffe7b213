/** Random reports of memberships, and the answers of packed memberships. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  packedMembership,
  packedMembershipFields,
} from '../../src/domain/membership/membership.ts';
import {
  type MembershipReport,
  parseMembershipReports,
} from '../../src/domain/membership/membership-report.ts';

const day = fc.integer({ min: 1, max: 4 }).map((number) => `2026-11-0${number}`);
const told = fc.oneof(
  fc.record({
    flow_id: fc.integer({ min: 1, max: 2 }),
    timestamp: day,
    operation: fc.constantFrom('add', 'remove'),
    variant: fc.constantFrom('A', 'B', null),
    action: fc.constantFrom('x', 'y'),
  }),
  fc.record({
    journey_id: fc.integer({ min: 1, max: 2 }),
    entered_at: fc.constantFrom('2026-10-01', null),
    step_entered_at: day,
    step: fc.constantFrom('1', '2', null),
    operation: fc.constantFrom('add', 'remove'),
  }),
  fc.record({ segment_name: fc.constantFrom('vip', 'new'), timestamp: day }),
  fc.record({ campaign_id: fc.constantFrom('c', 'd'), received_at: day, channel: fc.string() }),
);
export const reports = fc.array(told, { minLength: 1, maxLength: 12 }).map(parse);

export function parse(all: readonly object[]): readonly MembershipReport[] {
  const parsed = parseMembershipReports(Buffer.from(JSON.stringify(all)));
  assert.ok(parsed !== undefined);
  return parsed;
}

export function answers(packed: Buffer | undefined): Record<string, unknown[]> {
  assert.ok(packed !== undefined);
  return Object.fromEntries(
    packedMembershipFields.map((field, place) => {
      const text = Buffer.from(packedMembership(packed, place), 'latin1').toString();
      return [field, JSON.parse(text) as unknown[]];
    }),
  );
}

export function packVersion1(values: readonly string[]): Buffer {
  const texts = values.map((value) => Buffer.from(value));
  const head = Buffer.alloc(2 + 4 * (texts.length + 1));
  head[0] = 1;
  head[1] = texts.length;
  let offset = head.length;
  for (const [place, text] of texts.entries()) {
    head.writeUInt32LE(offset, 2 + 4 * place);
    offset += text.length;
  }
  head.writeUInt32LE(offset, 2 + 4 * texts.length);
  return Buffer.concat([head, ...texts]);
}
