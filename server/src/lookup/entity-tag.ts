/**
 * Strong entity tags (RFC 9110, section 8.8.3): a hash of a body's bytes. XXH64, since a tag is no
 * secret and needs no more than to differ when the body does: two bodies of one contact meet once
 * in 10^19. SHA-256 takes longer and gives nothing more here.
 */
import xxhash from 'xxhash-wasm';

export type EntityTag = (body: Uint8Array) => string;

export async function loadEntityTag(): Promise<EntityTag> {
  const { h64Raw } = await xxhash();
  return (body) => `"${h64Raw(body).toString(16).padStart(16, '0')}"`;
}
