/** Lists that come in pages. */
import Type, { type TSchema } from 'typebox';
import { pageSize } from './bounds.ts';
import { privacyKind, privacyState } from './privacy-schema.ts';
import { closed, integer, list, nullable, text, time } from './schema-parts.ts';

/** 28 bytes and a name of 100 characters of three bytes are 438 characters of base64url. */
const maxCursorLength = 512;
const cursorPattern = `^[A-Za-z0-9_-]{1,${maxCursorLength}}$`;

const cursor = text('The next_cursor of the previous page.', maxCursorLength, {
  pattern: cursorPattern,
});

/** In the body of an export. */
export const exportCursor = Type.Optional(cursor);

export const pageQuery = {
  limit: Type.Optional(
    integer(
      'The most entries of a page.',
      { min: 1, max: pageSize.max },
      { default: pageSize.default },
    ),
  ),
  cursor: Type.Optional(cursor),
};

export const pageQuerySchema = Type.Object(pageQuery, closed);

export const privacyPageQuerySchema = Type.Object(
  {
    ...pageQuery,
    kind: Type.Optional(privacyKind),
    state: Type.Optional(privacyState),
    since: Type.Optional(time('Only requests that were received then or later.')),
  },
  closed,
);

export const tokenPageQuerySchema = Type.Object(
  {
    ...pageQuery,
    include_revoked: Type.Optional(
      Type.Boolean({ description: 'Whether to list revoked tokens, too.' }),
    ),
  },
  closed,
);

/**
 * @param name the name of the page's schema
 * @param entry the name of the entries' schema
 */
export function pageSchema(name: string, entry: string): TSchema {
  return Type.Object(
    {
      data: list(Type.Ref(entry), pageSize.max, 'The entries of the page.'),
      next_cursor: nullable(
        text('The cursor of the next page; null on the last page.', maxCursorLength, {
          pattern: cursorPattern,
        }),
      ),
    },
    { $id: name },
  );
}
