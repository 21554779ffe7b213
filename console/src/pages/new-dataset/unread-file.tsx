/** Why a file could not be read, and what to try: its encoding, or another file. */
import { Button, Select } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import type { ApiProblem } from '../../api/api-problem.ts';
import { ProblemCard } from '../../parts/problem-card.tsx';
import styles from './new-dataset.module.css';

interface UnreadParts {
  readonly error: ApiProblem;
  readonly encoding: string | undefined;
  /** Whether the dataset is new: another one has its encoding in its definition. */
  readonly isNew: boolean;
  readonly onRetry: () => void;
  readonly onAnother: () => void;
}

export function UnreadFile({ error, encoding, isNew, onRetry, onAnother }: UnreadParts) {
  const navigate = useNavigate({ from: '/new-dataset' });
  const isOfEncoding = encoding !== undefined || /encoding/i.test(error.facts.detail);
  return (
    <div className={styles.cards}>
      <ProblemCard error={error} onRetry={onRetry} />
      {isNew && isOfEncoding && (
        <Select
          label="Read the file as"
          description="Runs then read all files of the dataset in this encoding"
          placeholder="Choose an encoding"
          maw={320}
          data={encodings}
          value={encoding ?? null}
          onChange={(next) =>
            next !== null && void navigate({ search: (old) => ({ ...old, encoding: next }) })
          }
        />
      )}
      <p>
        <Button onClick={onAnother}>Choose another file</Button>
      </p>
    </div>
  );
}

const encodings = [
  { value: 'windows-1250', label: 'Windows-1250, Central European' },
  { value: 'windows-1251', label: 'Windows-1251, Cyrillic' },
  { value: 'windows-1252', label: 'Windows-1252, Western European' },
  { value: 'windows-1253', label: 'Windows-1253, Greek' },
  { value: 'windows-1254', label: 'Windows-1254, Turkish' },
  { value: 'windows-1255', label: 'Windows-1255, Hebrew' },
  { value: 'windows-1256', label: 'Windows-1256, Arabic' },
  { value: 'iso-8859-2', label: 'ISO 8859-2, Central European' },
  { value: 'koi8-r', label: 'KOI8-R, Cyrillic' },
  { value: 'shift_jis', label: 'Shift_JIS, Japanese' },
  { value: 'euc-jp', label: 'EUC-JP, Japanese' },
  { value: 'gb18030', label: 'GB 18030, Chinese' },
  { value: 'big5', label: 'Big5, Chinese' },
  { value: 'euc-kr', label: 'EUC-KR, Korean' },
  { value: 'utf-16le', label: 'UTF-16' },
];
