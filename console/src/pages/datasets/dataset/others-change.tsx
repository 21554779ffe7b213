/** What others changed in a definition while somebody edits it: who, when, and what. */
import type { DatasetDefinition } from '../../../api/page-entries.ts';
import { useFormats, useNow } from '../../../format/use-formats.ts';
import { Card } from '../../../parts/card.tsx';
import { Differences } from '../../../parts/differences.tsx';
import { useAuthorWords } from '../../../parts/use-author-words.ts';
import styles from './dataset.module.css';
import { definitionWords } from './definition-words.ts';
import { useVersions } from './use-definition.ts';

interface OthersParts {
  readonly name: string;
  /** The definition that is edited. */
  readonly before: DatasetDefinition;
}

export function OthersChange({ name, before }: OthersParts) {
  const { data } = useVersions(name);
  const formats = useFormats();
  const nowMs = useNow();
  const authorWords = useAuthorWords();
  const versions = data?.data ?? [];
  const known = versions.findIndex(
    ({ definition }) => JSON.stringify(definition) === JSON.stringify(before),
  );
  const later = known < 0 ? versions.slice(0, 1) : versions.slice(0, known);
  return (
    <div role="alert">
      <Card
        tone="decide"
        title="Changed meanwhile"
        foot="What you typed is kept. Saving replaces this change; the differences above say what with. To keep it, cancel, and edit the definition as it is now."
      >
        {later.map(({ version, author, author_name: by, committed_at: at, differences }) => (
          <div className={styles.version} key={version}>
            <p>{`${formats.when(at, nowMs)}, by ${authorWords(author, by)}`}</p>
            <Differences differences={differences} words={definitionWords(formats)} />
          </div>
        ))}
      </Card>
    </div>
  );
}
