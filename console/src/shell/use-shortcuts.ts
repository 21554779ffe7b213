/** Listens to the keyboard while the shell is shown. */
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { announce } from '../parts/announcer.tsx';
import type { NavigationGroup } from './navigation.ts';
import { focusFilter, hasSingleLetters, isTyping, moveRow, sendDialog } from './shortcuts.ts';

/** A letter counts as the second of two keys for this long. */
const pairMs = 1_500;

interface ShortcutTargets {
  readonly groups: readonly NavigationGroup[];
  readonly openMenu: () => void;
  readonly openList: () => void;
}

export function useShortcuts({ groups, openMenu, openList }: ShortcutTargets): void {
  const navigate = useNavigate();
  const startedMs = useRef(Number.NEGATIVE_INFINITY);
  useEffect(() => {
    const singles: Readonly<Record<string, () => void>> = {
      '/': focusFilter,
      '?': openList,
      '.': () => void copyLink(),
      j: () => moveRow(1),
      k: () => moveRow(-1),
      g: () => {
        startedMs.current = performance.now();
      },
    };
    const open = (letter: string): boolean => {
      const entries = groups.flatMap((group) => group.entries);
      const entry = entries.find(({ key }) => key === letter);
      if (entry !== undefined) void navigate({ to: entry.to });
      return entry !== undefined;
    };
    const listen = (event: KeyboardEvent) => {
      const { key, metaKey, ctrlKey, altKey } = event;
      if ((metaKey || ctrlKey) && key.toLowerCase() === 'k') {
        event.preventDefault();
        openMenu();
        return;
      }
      if ((metaKey || ctrlKey) && key === 'Enter') {
        sendDialog();
        return;
      }
      const isPlain = !metaKey && !ctrlKey && !altKey && !isTyping(event.target);
      if (!isPlain || !hasSingleLetters() || isDialogOpen()) return;
      const isPair = performance.now() - startedMs.current < pairMs;
      startedMs.current = Number.NEGATIVE_INFINITY;
      const act = singles[key];
      if (isPair && open(key)) event.preventDefault();
      else if (act !== undefined) {
        event.preventDefault();
        act();
      }
    };
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, [groups, navigate, openList, openMenu]);
}

function isDialogOpen(): boolean {
  return document.querySelector('[role="dialog"]') !== null;
}

async function copyLink(): Promise<void> {
  try {
    await navigator.clipboard.writeText(window.location.href);
    announce('Copied the link');
  } catch {
    // Browsers lend the clipboard to pages behind TLS or on this machine alone.
    announce('The browser does not let this page copy. Copy the address instead');
  }
}
