/**
 * Hides everything but the sign-in while nobody is signed in: also dialogs, lists and the title of
 * the window. What was typed stays (`theme/page.css`).
 */
import { useLayoutEffect } from 'react';
import { useSessionEnded } from '../api/session-ended.ts';
import { useCoverTitle } from '../parts/page-title.ts';

export function useCover(): void {
  const hasEnded = useSessionEnded();
  useCoverTitle(hasEnded ? 'Sign in again' : undefined);
  useLayoutEffect(() => {
    if (!hasEnded) return undefined;
    document.documentElement.dataset['covered'] = '';
    return () => {
      delete document.documentElement.dataset['covered'];
    };
  }, [hasEnded]);
}
