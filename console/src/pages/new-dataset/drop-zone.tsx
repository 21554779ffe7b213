/** Where a file is dropped or chosen. It is sent at once, and shows how far it is. */
import { Button } from '@mantine/core';
import { IconFileImport } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { type DragEvent, useEffect, useRef, useState } from 'react';
import type { ApiProblem } from '../../api/api-problem.ts';
import { type Upload, uploadFile } from '../../api/upload-file.ts';
import { useFormats } from '../../format/use-formats.ts';
import { announce } from '../../parts/announcer.tsx';
import { Card } from '../../parts/card.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import styles from './new-dataset.module.css';

const accepted = '.csv,.tsv,.tab,.json,.ndjson,.jsonl,.parquet,.gz,.zst';

interface DropZoneParts {
  /** The dataset that the file is for, if it is known. */
  readonly dataset?: string | undefined;
  readonly onUploaded: (id: string) => void;
}

export function DropZone({ dataset, onUploaded }: DropZoneParts) {
  const [share, setShare] = useState(0);
  const [isOver, setOver] = useState(false);
  const chooser = useRef<HTMLInputElement>(null);
  const [leaving] = useState(() => new AbortController());
  useEffect(() => () => leaving.abort(new Error('the page was left')), [leaving]);
  const send = useMutation<Upload, ApiProblem, File>({
    mutationFn: (file) =>
      uploadFile(file, { dataset, onProgress: setShare, signal: leaving.signal }),
    onSuccess: ({ id, name }) => {
      announce(`${name} has arrived`);
      onUploaded(id);
    },
  });
  const take = (file: File | undefined) => {
    if (file === undefined || send.isPending) return;
    setShare(0);
    send.mutate(file);
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    take(event.dataTransfer.files[0]);
  };
  return (
    <Card title="Bring in a file" note="CSV, JSON, NDJSON or Parquet, also .gz and .zst">
      <section
        className={styles.drop}
        aria-label="Drop a file here"
        data-over={isOver}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        <IconFileImport size={28} stroke={1.6} aria-hidden />
        {send.isPending ? (
          <Sending file={send.variables} share={share} />
        ) : (
          <>
            <p>
              <strong>Drop a file</strong>, or
            </p>
            <Button variant="filled" onClick={() => chooser.current?.click()}>
              Choose a file
            </Button>
            <p className={styles.third}>Usher finds the columns, the types and the key.</p>
          </>
        )}
        <input
          ref={chooser}
          type="file"
          accept={accepted}
          aria-label="A file with rows"
          hidden
          onChange={(event) => take(event.currentTarget.files?.[0])}
        />
      </section>
      {send.error !== null && (
        <div className={styles.words}>
          <ProblemCard error={send.error} />
        </div>
      )}
    </Card>
  );
}

function Sending({ file, share }: { readonly file: File | undefined; readonly share: number }) {
  const formats = useFormats();
  return (
    <>
      <p>
        {`${file?.name ?? 'The file'}: ${formats.percent(share, 0)} of ${formats.megabytes(file?.size ?? 0)}`}
      </p>
      <progress className={styles.progress} value={share} max={1} aria-label="Sent" />
    </>
  );
}
