/**
 * Strong entity tags (RFC 9110, section 8.8.3): XXH64 of a body's bytes. A tag is no secret, two
 * bodies of a contact collide once in 10^19, and SHA-256 is slower.
 */
import xxhash from 'xxhash-wasm';

export type EntityTag = (body: Uint8Array) => string;

export async function loadEntityTag(): Promise<EntityTag> {
  const { h64Raw } = await xxhash();
  return (body) => `"${h64Raw(body).toString(16).padStart(16, '0')}"`;
}
