/**
 * Hides everything but the sign-in while nobody is signed in: also dialogs, lists and the title of
 * the window. What was typed stays (`theme/page.css`).
 */
import { useLayoutEffect } from 'react';
import { useSessionEnded } from '../api/session-ended.ts';

export function useCover(): void {
  const hasEnded = useSessionEnded();
  useLayoutEffect(() => {
    if (!hasEnded) return undefined;
    const { title } = document;
    document.title = 'Sign in again · Usher';
    document.documentElement.dataset['covered'] = '';
    return () => {
      document.title = title;
      delete document.documentElement.dataset['covered'];
    };
  }, [hasEnded]);
}
