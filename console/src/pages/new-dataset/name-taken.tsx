/** Asks what a file is for whose name is that of a dataset: more rows of it, or another dataset. */
import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Card } from '../../parts/card.tsx';
import styles from './new-dataset.module.css';

interface NameTakenParts {
  readonly upload: string;
  readonly dataset: string;
  readonly encoding: string | undefined;
  /** Whether the dataset takes files. */
  readonly takesFiles: boolean;
  /** A name that no dataset has. */
  readonly free: string;
  readonly onAnother: () => void;
}

export function NameTaken(parts: NameTakenParts) {
  const { upload, dataset, encoding, takesFiles, free, onAnother } = parts;
  const chosen = encoding === undefined ? {} : { encoding };
  return (
    <Card title={`A dataset ${dataset} exists`}>
      <p className={styles.words}>
        {takesFiles
          ? `Does the file bring rows of ${dataset}, or is it a new dataset? Nothing is written yet.`
          : `Its rows come from elsewhere, so it takes no files. Make a new dataset of this one.`}
      </p>
      <div className={styles.choice}>
        {takesFiles && (
          <Button
            renderRoot={(props) => (
              <Link to="/new-dataset" search={{ upload, dataset }} {...props} />
            )}
          >
            A file for {dataset}
          </Button>
        )}
        <Button
          renderRoot={(props) => (
            <Link to="/new-dataset" search={{ upload, name: free, ...chosen }} {...props} />
          )}
        >
          A new dataset
        </Button>
        <Button variant="subtle" onClick={onAnother}>
          Choose another file
        </Button>
      </div>
    </Card>
  );
}
