/** Shows a link that works once. It closes only when somebody says that they have kept it. */
import { Button, Modal } from '@mantine/core';
import { useFormats, useNow } from '../../format/use-formats.ts';
import { CopyButton } from '../../parts/copy-button.tsx';
import dialog from '../../parts/dialog.module.css';
import styles from './users.module.css';

export interface Linked {
  readonly name: string;
  /** A path of this node. */
  readonly link: string;
  readonly link_expires_at: string;
}

export function LinkDialog({
  linked: { name, link, link_expires_at },
  onKept,
}: {
  readonly linked: Linked;
  readonly onKept: () => void;
}) {
  const formats = useFormats();
  const nowMs = useNow();
  const address = `${window.location.origin}${link}`;
  return (
    <Modal
      opened
      onClose={() => undefined}
      withCloseButton={false}
      closeOnEscape={false}
      closeOnClickOutside={false}
      title={`A link for ${name}`}
    >
      <div className={dialog.form}>
        <p className={dialog.words}>
          {`Give it to ${name} yourself: Usher sends no e-mail. It works once, until ${formats.whenInText(link_expires_at, nowMs)}, and is not shown again.`}
        </p>
        <div className={styles.link}>
          <code>{address}</code>
          <CopyButton text={address} label="Copy the link" />
        </div>
        <div className={dialog.buttons}>
          <Button variant="filled" data-autofocus onClick={onKept}>
            I have kept it
          </Button>
        </div>
      </div>
    </Modal>
  );
}
