/** Moves the focus to the first input that is wrong. */
import { type RefObject, useEffect, useRef } from 'react';

/**
 * The ref belongs to the element around the inputs.
 * @param error changes with each answer that refuses what was typed
 */
export function useFaultFocus<Around extends HTMLElement = HTMLFormElement>(
  error: unknown,
): RefObject<Around | null> {
  const around = useRef<Around>(null);
  useEffect(() => {
    if (error === null) return;
    around.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [error]);
  return around;
}
