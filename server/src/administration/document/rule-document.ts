/** Reads a rule in a catalog document. */
import { maxRuleBytes } from '../../membership/limits.ts';
import type { DocumentReader } from './document-reader.ts';

/** `undefined` if it is absent or wrong. `rule: true` without quotes is a boolean in YAML. */
export function readRuleDocument(at: DocumentReader): string | undefined {
  return typeof at.value === 'boolean' ? String(at.value) : at.text(maxRuleBytes);
}
