/** Thrown when a source is not well-formed. It quotes nothing of the source. */
export class SourceMalformed extends Error {
  override readonly name = 'SourceMalformed';
}
