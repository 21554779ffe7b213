/** The name of a field, which breaks after underscores before it breaks elsewhere. */
import { Fragment } from 'react';

export function FieldName({ name }: { readonly name: string }) {
  const parts = name.split('_');
  return (
    <code>
      {parts.map((part, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a name never move
        <Fragment key={place}>
          {place > 0 && (
            <>
              _<wbr />
            </>
          )}
          {part}
        </Fragment>
      ))}
    </code>
  );
}
