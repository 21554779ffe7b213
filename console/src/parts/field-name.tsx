/** The name of a field. */
import { BreakingText } from './breaking-text.tsx';

export function FieldName({ name }: { readonly name: string }) {
  return (
    <code>
      <BreakingText text={name} />
    </code>
  );
}
