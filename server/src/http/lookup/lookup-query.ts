/** The query of a look-up: `identity`, `fields` and `format`, each at most once. */
import type { Problem } from '../../domain/problem.ts';
import type { ValueFormat } from '../../lookup/lookup-plan.ts';
import { invalidParameter, percentDecoded, unknownParameters } from '../call/read-query.ts';

export interface LookupQuery {
  /** `type:value`, percent-decoded once. */
  readonly identity: string;
  /** Names separated by commas; `null` if not given. */
  readonly fields: string | null;
  readonly format: ValueFormat;
}

/** @param query the text after `?`. A `+` stays `+`: e-mails may contain it, but no spaces. */
export function parseLookupQuery(query: string): LookupQuery | Problem {
  let identity: string | undefined;
  let fields: string | null = null;
  let format: string | null = null;
  for (const part of query.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = equals < 0 ? part : part.slice(0, equals);
    const value = percentDecoded(equals < 0 ? '' : part.slice(equals + 1));
    if (value === undefined) return badEncoding(name);
    if (name === 'identity' && identity === undefined) identity = value;
    else if (name === 'fields' && fields === null) fields = value;
    else if (name === 'format' && format === null) format = value;
    else
      return knownNames.includes(name)
        ? invalidParameter(name, 'is given twice')
        : unknownParameter(query);
  }
  if (identity === undefined || identity === '') return identityMissing;
  format ??= 'display';
  if (format !== 'display' && format !== 'raw')
    return invalidParameter('format', 'must be display or raw');
  return { identity, fields, format };
}

function badEncoding(name: string): Problem {
  return invalidParameter(name, 'is not valid percent-encoded UTF-8');
}

export const badIdentityEncoding = badEncoding('identity');

const knownNames = ['identity', 'fields', 'format'];

export const identityMissing: Problem = {
  code: 'identity_missing',
  detail:
    'Say whose fields you want: identity=<type>:<value>, for example identity=email:tom@hello.com.',
};

function unknownParameter(query: string): Problem {
  const names = query
    .split('&')
    .map((part) => part.split('=', 1)[0] ?? '')
    .filter((name) => name !== '' && !knownNames.includes(name));
  return unknownParameters(names, knownNames);
}
