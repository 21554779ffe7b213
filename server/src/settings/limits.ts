/** Bounds of settings. Bounds that several rooms share are in `domain/limits.ts`. */

/** Bytes of a secret: a URL or a key; certificates with their chain are below 20 kB. */
export const maxSecretBytes = 65_536;
