/** Three ways to the first contact. The page fills by itself when it has come. */
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useEffect } from 'react';
import { Dot } from '../../parts/badge.tsx';
import { Card } from '../../parts/card.tsx';
import { CodeBlock } from '../../parts/code-block.tsx';
import { CopyButton } from '../../parts/copy-button.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { FirstDataset } from '../../parts/next-step.tsx';
import { useCommand } from '../../parts/use-command.ts';
import { useMay } from '../../session/session-context.tsx';
import { DropZone } from '../new-dataset/drop-zone.tsx';
import styles from './contacts-page.module.css';

export function NoContacts() {
  const navigate = useNavigate();
  useListening();
  const command = useCommand();
  const mayUpload = useMay('datasets:write');
  const { origin } = window.location;
  if (!mayUpload) {
    return (
      <div className={styles.ways}>
        <Card title="Contacts">
          <EmptyState title="No contact yet">
            <FirstDataset />
          </EmptyState>
        </Card>
        <Listening />
      </div>
    );
  }
  return (
    <div className={styles.ways}>
      <DropZone
        onUploaded={(upload) => void navigate({ to: '/new-dataset', search: { upload } })}
      />
      <Way title="Connect a source" code={sourceCode(command)}>
        A database, a folder of files or an address, named in the catalog file on the server. It
        stays fresh on a schedule, and stops before it would change too much.
      </Way>
      <Way title="Push rows" code={pushOf(origin)}>
        From your own program, to a dataset whose source is <code>push</code>.
      </Way>
      <Listening />
    </div>
  );
}

function Listening() {
  return (
    <p className={styles.listening} role="status">
      <Dot tone="accent" />
      Listening. This page fills by itself when the first contact arrives.
    </p>
  );
}

/** Pushed rows send no event. */
function useListening(): void {
  const client = useQueryClient();
  useEffect(() => {
    const ask = () => void client.invalidateQueries({ queryKey: ['overview'] });
    const timer = window.setInterval(ask, pauseMs);
    return () => window.clearInterval(timer);
  }, [client]);
}

const pauseMs = 5_000;

function Way({
  title,
  code,
  children,
}: {
  readonly title: string;
  readonly code: string;
  readonly children: ReactNode;
}) {
  return (
    <Card title={title} actions={<CopyButton text={code} label={`Copy: ${title}`} />}>
      <p className={styles.way}>{children}</p>
      <CodeBlock text={code} label={`Code: ${title}`} />
    </Card>
  );
}

function sourceCode(command: ReturnType<typeof useCommand>): string {
  return [command('apply', '-f', 'usher.yaml'), command('sync', 'run', 'customers')].join('\n');
}

function pushOf(origin: string): string {
  return [
    `curl ${origin}/ingest/v1/contacts \\`,
    "  -H 'Authorization: Bearer YOUR_TOKEN' \\",
    "  -H 'Content-Type: application/json' \\",
    `  -d '{"dataset": "web", "rows": [{"email": "tom@hello.com"}]}'`,
  ].join('\n');
}
