/** JSON pointers (RFC 6901), which say where in a document something is. */

/** A name as a step of a pointer. */
export function pointerStep(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** The names on the way; none for the whole document. */
export function pointerSteps(pointer: string): readonly string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The same for people: `segments.High spenders.rule`. */
export function pointerWords(pointer: string): string {
  return pointerSteps(pointer).join('.');
}

/** The pointer as people would write it: `/segments/A / B/rule`. */
export function plainPath(pointer: string): string {
  return pointerSteps(pointer)
    .map((step) => `/${step}`)
    .join('');
}
