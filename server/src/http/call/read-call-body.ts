/** Reads the body of a call, within the bounds of its operation. */
import type { Operation } from '@usher/contract/operation';
import { UsherError } from '../../domain/errors.ts';
import type { Problem } from '../../domain/problem.ts';
import {
  maxAdministrationBodyBytes,
  maxIngestBodyBytes,
  maxLookupBodyBytes,
  maxReceiptBodyBytes,
} from '../limits.ts';
import { problemOf } from '../problem-response.ts';
import type { RequestFacts } from '../route.ts';
import { parseJson, readBody, requireJson } from './read-json.ts';

/** A bad body is a value, because the call's units are taken before it is reported. */
export type CallBody = { readonly value: unknown } | { readonly problem: Problem };

export async function readCallBody(
  operation: Operation,
  { headers, message }: RequestFacts,
): Promise<CallBody> {
  if (operation.body === undefined) return { value: undefined };
  const isSent = headers['content-type'] !== undefined || hasLength(headers);
  if (!isSent && operation.isBodyOptional === true) return { value: {} };
  const { limit, hasLargeBody = false } = operation;
  try {
    requireJson(headers);
    const bytes = await readBody(message, hasLargeBody ? maxReceiptBodyBytes : maxBytes[limit]);
    // Members of pushed rows are columns, which may have any name.
    return { value: parseJson(bytes, { allowsAnyName: limit === 'ingest' }) };
  } catch (error) {
    if (error instanceof UsherError) return { problem: problemOf(error) };
    throw error;
  }
}

const maxBytes: Readonly<Record<Operation['limit'], number>> = {
  audience: maxLookupBodyBytes,
  administration: maxAdministrationBodyBytes,
  ingest: maxIngestBodyBytes,
  none: maxAdministrationBodyBytes,
};

function hasLength(headers: RequestFacts['headers']): boolean {
  const length = headers['content-length'] ?? '0';
  return headers['transfer-encoding'] !== undefined || !/^0+$/.test(length);
}
