/** A new dataset from a file, or the next file of one: drop it, look at it, run it. */
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { Card } from '../../parts/card.tsx';
import { CopyButton } from '../../parts/copy-button.tsx';
import { PageHead } from '../../parts/page-head.tsx';
import { useCommand } from '../../parts/use-command.ts';
import { DraftSteps } from './draft-steps.tsx';
import { DropZone } from './drop-zone.tsx';
import styles from './new-dataset.module.css';
import { UploadsCard, useLeaveUpload } from './uploads-card.tsx';

export function NewDatasetPage() {
  const { upload, dataset, name, encoding } = useSearch({ from: '/inside/new-dataset' });
  const navigate = useNavigate({ from: '/new-dataset' });
  const title = dataset === undefined ? 'New dataset from a file' : `A file for ${dataset}`;
  const flags = dataset === undefined ? [] : ['--dataset', dataset];
  const command = useCommand()('import', 'people.csv', ...flags);
  const open = (id: string | undefined) =>
    void navigate({
      search: { ...(dataset === undefined ? {} : { dataset }), ...(id && { upload: id }) },
    });
  const leave = useLeaveUpload();
  const another = () => {
    if (upload !== undefined) leave.mutate(upload);
    open(undefined);
  };
  return (
    <>
      <PageHead
        title={title}
        crumbs={[
          <Link to="/datasets" key="datasets">
            Datasets
          </Link>,
          <span key="new">{title}</span>,
        ]}
        facts="Nothing is written until you start the run. The file is deleted after its run, and after 24 hours."
      />
      {upload === undefined ? (
        <div className={styles.cards}>
          <DropZone dataset={dataset} onUploaded={open} />
          <UploadsCard />
          <Card
            title={dataset === undefined ? 'From a shell, or another source' : 'From a shell'}
            actions={<CopyButton text={command} label="Copy the command" />}
          >
            <pre className={styles.shell}>
              <code>{`$ ${command}`}</code>
            </pre>
            {dataset === undefined && (
              <p className={styles.words}>
                Databases, folders of files and addresses are defined in the catalog file on the
                server: they name what only its operator may name.
              </p>
            )}
          </Card>
        </div>
      ) : (
        <DraftSteps {...{ upload, dataset, name, encoding }} onAnother={another} />
      )}
    </>
  );
}
