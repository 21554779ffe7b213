/** The keyboard: what each key does, and whether single letters act at all. */

const storageKey = 'usher-single-letters';

/** Single letters can be switched off, since speech input may type them. */
export function hasSingleLetters(): boolean {
  return window.localStorage.getItem(storageKey) !== 'off';
}

export function setSingleLetters(isOn: boolean): void {
  window.localStorage.setItem(storageKey, isOn ? 'on' : 'off');
}

/** Keys never act while somebody types. Buttons, boxes and radios take no letters. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement)
    return !target.readOnly && !lettersFree.includes(target.type);
  return target.isContentEditable || ['TEXTAREA', 'SELECT'].includes(target.tagName);
}

const lettersFree = ['button', 'checkbox', 'file', 'radio', 'range', 'reset', 'submit'];

/** Puts the cursor into the first filter of the page. */
export function focusFilter(): void {
  document.querySelector<HTMLElement>('main [data-filter], main input[type="search"]')?.focus();
}

/** The rows of lists and tables. */
const rowsOfPage = 'main [data-row], main tbody tr:not([aria-hidden], [data-folded])';

/**
 * Moves the focus between the rows of the page: to the link of the row, which Enter opens, else to
 * the row itself. Never to a button, since Enter would press it.
 */
export function moveRow(step: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>(rowsOfPage)].filter(isShown);
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  const next = rows[at < 0 ? (step > 0 ? 0 : rows.length - 1) : at + step];
  if (next === undefined) return;
  const link = next.matches('a') ? next : next.querySelector<HTMLElement>('a[href], summary');
  if (link === null) next.tabIndex = -1;
  (link ?? next).focus();
}

function isShown(row: HTMLElement): boolean {
  return row.getClientRects().length > 0;
}

/** Sends the form of the dialog that is open, as its button does. */
export function sendDialog(): void {
  const dialog = [...document.querySelectorAll('[role="dialog"]')].at(-1);
  dialog?.querySelector<HTMLElement>('form button[type="submit"]:not(:disabled)')?.click();
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
  { keys: ['⌘ Enter', 'Ctrl Enter'], does: 'Send a dialog' },
  { keys: ['Esc'], does: 'Close' },
  { keys: ['?'], does: 'Show this list' },
];
