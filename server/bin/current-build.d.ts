/** Types of `current-build.js`, which says what these do. */
export const buildRecord: string;
export function currentBuild(server: string): string | undefined;
