/**
 * Strong entity tags (RFC 9110, section 8.8.3): XXH64 of a body's bytes. SHA-256 would be slower
 * and is not needed: a tag is no secret, and two bodies of a contact have the same tag once in
 * 10^19.
 */
import xxhash from 'xxhash-wasm';

export type EntityTag = (body: Uint8Array) => string;

export async function loadEntityTag(): Promise<EntityTag> {
  const { h64Raw } = await xxhash();
  return (body) => `"${h64Raw(body).toString(16).padStart(16, '0')}"`;
}
