/**
 * A source that is not what its kind should be; kept apart from other failures of the workbench. It
 * carries no words of the source.
 */
export class SourceMalformed extends Error {
  override readonly name = 'SourceMalformed';
}
