/** The schema of problems (RFC 9457). `problems.ts` lists their codes. */
import Type from 'typebox';
import { problemKinds } from './problems.ts';
import { integer, text, word } from './schema-parts.ts';

const codes = Object.keys(problemKinds) as (keyof typeof problemKinds)[];

export const problemSchema = Type.Object(
  {
    type: text('Where the problem is documented.', 200, { format: 'uri' }),
    title: text('The problem in a few words; each code has one title.', 100),
    status: integer('The HTTP status of the answer.', { min: 400, max: 599 }),
    detail: text('What is wrong with this call, and what to do about it.', 4_000),
    code: word('What to branch on. Codes are only ever added.', codes),
    request_id: text('The id of the request, as in X-Request-Id.', 128, {
      pattern: '^[A-Za-z0-9._-]{1,128}$',
    }),
  },
  {
    $id: 'Problem',
    description: 'Why a call was not served. Some codes have members of their own.',
  },
);
