/**
 * Cursors of lists. A cursor holds the last entry of a page, which the caller may not be allowed to
 * see, so it is encrypted. It works only for the list it was made for.
 */
import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import { UsherError } from '../../domain/errors.ts';

const algorithm = 'aes-256-gcm';
/** Random, as GCM wants it. A key may encrypt 2^32 cursors. */
const nonceBytes = 12;
const tagBytes = 16;

/** The list that a cursor belongs to. */
export interface CursorList {
  readonly organizationId: number;
  readonly operationId: string;
  readonly params: object | undefined;
  /** The query, or the body of an export. Which page it asks for does not count. */
  readonly asked: unknown;
}

export class ListCursors {
  readonly #list: CursorList;
  readonly #readSecret: () => Promise<Uint8Array>;

  /** @param readSecret the key of the data folder, which all look-up threads share */
  constructor(list: CursorList, readSecret: () => Promise<Uint8Array>) {
    this.#list = list;
    this.#readSecret = readSecret;
  }

  /** The cursor that stands for this text. */
  async seal(text: string): Promise<string> {
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv(algorithm, await this.#key(), nonce).setAAD(this.#listDigest());
    const sealed = [nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()];
    return Buffer.concat(sealed).toString('base64url');
  }

  /**
   * The text that a cursor stands for.
   * @throws UsherError `parameter_invalid` for a cursor of another list, and for an altered one
   */
  async open(cursor: string): Promise<string> {
    const bytes = Buffer.from(cursor, 'base64url');
    if (bytes.length < nonceBytes + tagBytes) throw foreignCursor();
    const key = await this.#key();
    const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, nonceBytes))
      .setAAD(this.#listDigest())
      .setAuthTag(bytes.subarray(-tagBytes));
    const text = decipher.update(bytes.subarray(nonceBytes, -tagBytes));
    try {
      return Buffer.concat([text, decipher.final()]).toString();
    } catch {
      throw foreignCursor();
    }
  }

  async #key(): Promise<Uint8Array> {
    const secret = await this.#readSecret();
    return new Uint8Array(hkdfSync('sha256', secret, '', 'cursors of lists', 32));
  }

  #listDigest(): Buffer {
    const { organizationId, operationId, params = {}, asked = {} } = this.#list;
    const filters = Object.entries(asked as object)
      .filter(([name]) => name !== 'limit' && name !== 'cursor')
      .sort(([one], [other]) => (one < other ? -1 : 1));
    const list = JSON.stringify([organizationId, operationId, Object.entries(params), filters]);
    return createHash('sha256').update(list).digest();
  }
}

export function foreignCursor(): UsherError {
  return refusedCursor('This cursor does not belong to this list. Start again without it.');
}

export function refusedCursor(detail: string): UsherError {
  return new UsherError('parameter_invalid', detail, { members: { parameter: 'cursor' } });
}
