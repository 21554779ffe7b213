/** Reads the flows, the exclusion groups and the global holdout of a catalog document. */
import { maxRangesLength } from '../../domain/flow/slot-text.ts';
import { givenMembers } from '../../domain/given-members.ts';
import {
  maxDefinitionNameLength,
  maxGroupFlows,
  maxSaltLength,
  maxVariantNameLength,
  maxVariants,
} from '../../domain/limits.ts';
import type {
  BranchRequest,
  FlowRequest,
  GroupRequest,
  GroupShareRequest,
  VariantRequest,
} from '../flow/flow-request.ts';
import type { HoldoutSettings } from '../flow/global-holdout.ts';
import { maxNameLength } from '../limits.ts';
import type { DocumentReader } from './document-reader.ts';
import { readRuleDocument } from './rule-document.ts';

const flowMembers = [
  ...['id', 'segment', 'status', 'kind', 'unit', 'salt'],
  ...['variants', 'branches', 'otherwise', 'holdout', 'held_out'],
] as const;

/** The range is checked with the rest of the flow. */
const anyNumber = { min: Number.NEGATIVE_INFINITY, max: Number.POSITIVE_INFINITY };

/** `undefined` if it notes a problem. */
export function readFlowDocument(name: string, at: DocumentReader): FlowRequest | undefined {
  const count = at.problems.count;
  if (!at.takes(flowMembers)) return undefined;
  const settings = givenMembers({
    id: at.member('id').number(anyNumber),
    segment: nullable(at.member('segment'), (place) => place.text(maxDefinitionNameLength)),
    status: at.member('status').text(maxNameLength),
    kind: at.member('kind').text(maxNameLength),
    unit: at.member('unit').text(maxNameLength),
    salt: at.member('salt').text(maxSaltLength),
    variants: nullable(at.member('variants'), (place) => readList(place, readVariant)),
    branches: nullable(at.member('branches'), (place) => readList(place, readBranch)),
    otherwise: nullable(at.member('otherwise'), (place) => place.text(maxVariantNameLength)),
    holdout: at.member('holdout').number(anyNumber),
    heldOut: readRanges(at.member('held_out')),
  });
  if (at.problems.count > count) return undefined;
  return { name, path: at.path, namePath: at.path, ...settings };
}

/** `undefined` if it notes a problem. */
export function readGroupDocument(name: string, at: DocumentReader): GroupRequest | undefined {
  const count = at.problems.count;
  if (!at.takes(['unit', 'salt', 'flows'])) return undefined;
  const flows = at.member('flows');
  const settings = givenMembers({
    unit: at.member('unit').text(maxNameLength),
    salt: at.member('salt').text(maxSaltLength),
    flows: flows.isAbsent ? undefined : readList(flows, readShare, maxGroupFlows),
  });
  if (at.problems.count > count) return undefined;
  return { name, path: at.path, namePath: at.path, ...settings };
}

/** `undefined` if it is absent or it notes a problem. */
export function readHoldoutDocument(at: DocumentReader): HoldoutSettings | undefined {
  const count = at.problems.count;
  if (at.isAbsent || !at.takes(['percent', 'unit', 'salt'])) return undefined;
  const settings = givenMembers({
    percent: at.member('percent').number(anyNumber),
    unit: at.member('unit').text(maxNameLength),
    salt: at.member('salt').text(maxSaltLength),
  });
  return at.problems.count > count ? undefined : settings;
}

function readVariant(at: DocumentReader): VariantRequest[] {
  if (!at.takes(['name', 'weight', 'slots'])) return [];
  const name = needed(at.member('name')).text(maxVariantNameLength);
  const weight = needed(at.member('weight')).number(anyNumber);
  const slots = readRanges(at.member('slots'));
  if (name === undefined || weight === undefined) return [];
  return [{ name, weight, ...givenMembers({ slots }) }];
}

function readBranch(at: DocumentReader): BranchRequest[] {
  if (!at.takes(['rule', 'variant'])) return [];
  const rule = readRuleDocument(needed(at.member('rule')));
  const variant = needed(at.member('variant')).text(maxVariantNameLength);
  return rule === undefined || variant === undefined ? [] : [{ rule, variant }];
}

function readShare(at: DocumentReader): GroupShareRequest[] {
  if (!at.takes(['flow', 'share', 'slots'])) return [];
  const flow = needed(at.member('flow')).text(maxDefinitionNameLength);
  const share = needed(at.member('share')).number(anyNumber);
  const slots = readRanges(at.member('slots'));
  if (flow === undefined || share === undefined) return [];
  return [{ flow, share, ...givenMembers({ slots }) }];
}

function needed(at: DocumentReader): DocumentReader {
  if (at.isAbsent) at.fail('This member is missing.');
  return at;
}

function readList<T>(at: DocumentReader, read: (at: DocumentReader) => T[], max = maxVariants) {
  return at.elements('entries', max).flatMap(read);
}

/** A single slot may be a number in YAML; the empty text means no slots. */
function readRanges(at: DocumentReader): string | undefined {
  if (at.value === '') return '';
  return typeof at.value === 'number' ? String(at.value) : at.text(maxRangesLength);
}

/** Null removes it. */
function nullable<T>(
  at: DocumentReader,
  read: (at: DocumentReader) => T | undefined,
): T | null | undefined {
  if (at.value === undefined) return undefined;
  return at.value === null ? null : read(at);
}
