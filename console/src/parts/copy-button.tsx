/** A button that copies a text, and says so. */
import { ActionIcon } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { announce } from './announcer.tsx';

/** How long the tick shows. */
const shownMs = 2_000;

export function CopyButton({ text, label }: { readonly text: string; readonly label: string }) {
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return undefined;
    const timer = window.setTimeout(() => setCopied(false), shownMs);
    return () => window.clearTimeout(timer);
  }, [isCopied]);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    announce('Copied');
  };
  const Icon = isCopied ? IconCheck : IconCopy;
  return (
    <ActionIcon size={24} w={24} h={24} aria-label={label} onClick={() => void copy()}>
      <Icon size={16} stroke={1.6} aria-hidden />
    </ActionIcon>
  );
}
