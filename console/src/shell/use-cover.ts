/**
 * Takes everything but the sign-in out of the document while nobody is signed in: also dialogs,
 * lists and the title of the window. The parts stay in memory with what was typed, and come back
 * (`theme/page.css` hides what is drawn meanwhile).
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
    const putBack = takeOut();
    return () => {
      putBack();
      delete document.documentElement.dataset['covered'];
    };
  }, [hasEnded]);
}

/** @returns puts the parts back where they were */
function takeOut(): () => void {
  const scrolled = { left: window.scrollX, top: window.scrollY };
  const parts = [...document.body.children].filter(
    (part) => !part.matches('.uncovered, script, style'),
  );
  const taken = parts.map((part) => {
    const place = document.createComment('');
    part.replaceWith(place);
    return { part, place };
  });
  return () => {
    for (const { part, place } of taken) place.replaceWith(part);
    window.scrollTo(scrolled);
  };
}
