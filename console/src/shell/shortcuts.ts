/** The keyboard: what each key does, and whether single letters act at all. */

const storageKey = 'usher-single-letters';

/** Single letters can be switched off, since speech input may type them. */
export function hasSingleLetters(): boolean {
  return window.localStorage.getItem(storageKey) !== 'off';
}

export function setSingleLetters(isOn: boolean): void {
  window.localStorage.setItem(storageKey, isOn ? 'on' : 'off');
}

/** Keys never act while somebody types. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName);
}

/** Puts the cursor into the first filter of the page. */
export function focusFilter(): void {
  document.querySelector<HTMLElement>('main [data-filter], main input[type="search"]')?.focus();
}

/** Moves the focus between the rows of the page. */
export function moveRow(step: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>('main [data-row]')];
  const at = rows.indexOf(document.activeElement as HTMLElement);
  const next = at < 0 ? (step > 0 ? 0 : rows.length - 1) : at + step;
  rows[next]?.focus();
}

export interface Shortcut {
  readonly keys: readonly string[];
  readonly does: string;
}

export const shortcuts: readonly Shortcut[] = [
  { keys: ['⌘ K', 'Ctrl K'], does: 'Find or go to' },
  { keys: ['/'], does: 'Filter this page' },
  { keys: ['j', 'k'], does: 'Next row, row before' },
  { keys: ['Enter'], does: 'Open the row' },
  { keys: ['.'], does: 'Copy the link to this view' },
  { keys: ['Esc'], does: 'Close' },
  { keys: ['?'], does: 'Show this list' },
];
