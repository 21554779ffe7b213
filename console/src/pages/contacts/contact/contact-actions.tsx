/** What can be done with a contact: export, erase, merge, copy the link. */
import { ActionIcon, Button, Menu } from '@mantine/core';
import { IconDots, IconDownload, IconEraser, IconGitMerge, IconLink } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { ApiProblem } from '../../../api/api-problem.ts';
import { call } from '../../../api/call.ts';
import { announce } from '../../../parts/announcer.tsx';
import { saveFile } from '../../../parts/save-file.ts';
import { useMay } from '../../../session/session-context.tsx';
import styles from './contact-page.module.css';
import { EraseDialog } from './erase-dialog.tsx';
import { MergeDialog } from './merge-dialog.tsx';
import type { Explanation } from './use-contact.ts';
import type { OfferUndo } from './use-undo-join.ts';

export function ContactActions({
  contact,
  name,
  onMerged,
}: {
  readonly contact: Explanation;
  readonly name: string;
  readonly onMerged: OfferUndo;
}) {
  const mayPrivacy = useMay('privacy:write');
  const mayMerge = useMay('contacts:write');
  const [dialog, setDialog] = useState<'erase' | 'merge'>();
  const close = () => setDialog(undefined);
  return (
    <>
      {mayPrivacy && <ExportButton contact={contact} />}
      {mayPrivacy && (
        <Button className={styles.wide} data-tone="bad" onClick={() => setDialog('erase')}>
          Erase…
        </Button>
      )}
      <Menu width={200}>
        <Menu.Target>
          <ActionIcon variant="default" aria-label="More actions">
            <IconDots size={17} stroke={1.6} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={<IconLink size={16} stroke={1.6} aria-hidden />}
            onClick={() => void copyLink()}
          >
            Copy the link
          </Menu.Item>
          {mayPrivacy && (
            <Menu.Item
              className={styles.narrow}
              data-tone="bad"
              leftSection={<IconEraser size={16} stroke={1.6} aria-hidden />}
              onClick={() => setDialog('erase')}
            >
              Erase…
            </Menu.Item>
          )}
          {mayMerge && (
            <Menu.Item
              leftSection={<IconGitMerge size={16} stroke={1.6} aria-hidden />}
              onClick={() => setDialog('merge')}
            >
              Merge with…
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      {dialog === 'erase' && <EraseDialog contact={contact} name={name} onClose={close} />}
      {dialog === 'merge' && <MergeDialog {...{ contact, name, onMerged }} onClose={close} />}
    </>
  );
}

function ExportButton({ contact: { contact_id } }: { readonly contact: Explanation }) {
  const read = useMutation<unknown, ApiProblem>({
    mutationFn: () =>
      call('POST /admin/v1/privacy/export', { body: { identity: `id:${contact_id}` } }),
    onSuccess: (everything) => {
      saveFile(`contact-${contact_id}.json`, JSON.stringify(everything, null, 2));
      announce('The export is saved');
    },
    // Everything about a person must not stay in memory.
    gcTime: 0,
  });
  return (
    <Button
      leftSection={<IconDownload size={16} stroke={1.6} aria-hidden />}
      loading={read.isPending}
      onClick={() => read.mutate()}
    >
      {read.isError ? 'Export failed, try again' : 'Export'}
    </Button>
  );
}

async function copyLink(): Promise<void> {
  await navigator.clipboard.writeText(window.location.href);
  announce('Copied');
}
