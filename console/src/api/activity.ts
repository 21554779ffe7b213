/**
 * When somebody last used the page. A page that stands open asks again and again: such calls say
 * that nobody caused them, so that the session ends when it is not used.
 */

/** A person who reads does nothing for a while. */
const presentMs = 60_000;

let lastUseMs = performance.now();

export function followActivity(): void {
  const note = () => {
    lastUseMs = performance.now();
  };
  for (const name of ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart']) {
    addEventListener(name, note, { capture: true, passive: true });
  }
}

/** Headers of a call. */
export function activityHeaders(): Readonly<Record<string, string>> {
  return performance.now() - lastUseMs < presentMs ? {} : { 'Usher-Background': '1' };
}
