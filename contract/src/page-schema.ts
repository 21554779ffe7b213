/** Lists that come in pages. */
import Type, { type TSchema } from 'typebox';
import { pageSize } from './bounds.ts';
import { closed, integer, list, nullable, text } from './schema-parts.ts';

const cursorPattern = '^[A-Za-z0-9_-]{1,256}$';

const pageQuery = {
  limit: Type.Optional(
    integer('Entries of the page.', { min: 1, max: pageSize.max }, { default: pageSize.default }),
  ),
  cursor: Type.Optional(
    text('The next_cursor of the page before.', 256, { pattern: cursorPattern }),
  ),
};

export const pageQuerySchema = Type.Object(pageQuery, closed);

export const tokenPageQuerySchema = Type.Object(
  {
    ...pageQuery,
    include_revoked: Type.Optional(
      Type.Boolean({ description: 'Whether revoked ones are listed too.' }),
    ),
  },
  closed,
);

/** @param name the schema's name; @param entry the name of the entries' schema */
export function pageSchema(name: string, entry: string): TSchema {
  return Type.Object(
    {
      data: list(Type.Ref(entry), pageSize.max, 'In the order of the list.'),
      next_cursor: nullable(
        text('Ask for the next page with it; null on the last one.', 256, {
          pattern: cursorPattern,
        }),
      ),
    },
    { $id: name },
  );
}
