/** Lists that come a page at a time. */
import Type, { type TSchema } from 'typebox';
import { pageSize } from './bounds.ts';
import { closed, list, nullable, text, word } from './schema-parts.ts';

const cursorPattern = '^[A-Za-z0-9_-]{1,256}$';

const pageQuery = {
  limit: Type.Optional(
    text(`Entries of the page, 1 to ${pageSize.max}; ${pageSize.default} when missing.`, 3, {
      pattern: '^(?:[1-9][0-9]?|1[0-9][0-9]|200)$',
      examples: [`${pageSize.default}`],
    }),
  ),
  cursor: Type.Optional(
    text('The next_cursor of the page before.', 256, { pattern: cursorPattern }),
  ),
};

export const pageQuerySchema = Type.Object(pageQuery, closed);

/** Of the list of tokens. */
export const tokenPageQuerySchema = Type.Object(
  {
    ...pageQuery,
    include_revoked: Type.Optional(word('Whether revoked ones are listed too.', ['true', 'false'])),
  },
  closed,
);

/** @param name of the schema; @param entry the name of the entries' schema */
export function pageSchema(name: string, entry: string): TSchema {
  return Type.Object(
    {
      data: list(Type.Ref(entry), pageSize.max, 'In order of creation.'),
      next_cursor: nullable(
        text('Ask for the next page with it; null on the last one.', 256, {
          pattern: cursorPattern,
        }),
      ),
    },
    { $id: name },
  );
}
