/** Thrown when a source is not well-formed. Its message quotes nothing from the source. */
export class SourceMalformed extends Error {
  override readonly name = 'SourceMalformed';
}
