/** Reads the body that defines a dataset: its document, and whether fields in use may be lost. */

import type { DatasetRequest } from '../../administration/dataset/dataset-request.ts';
import { DefinitionProblems } from '../../administration/dataset/definition-problems.ts';
import { readDatasetDocument } from '../../administration/document/dataset-document.ts';
import { DocumentReader } from '../../administration/document/document-reader.ts';

/** @throws UsherError `definition_invalid` with every fault of its form */
export function readDatasetChange(
  body: unknown,
  name: string,
): DatasetRequest & { readonly force: boolean; readonly path: string } {
  const problems = new DefinitionProblems();
  const place = new DocumentReader(body, '', problems);
  place.takes(['definition', 'force']);
  const force = place.member('force').flag() === true;
  const definition = place.member('definition');
  const request = readDatasetDocument(definition, name);
  problems.throwIfAny();
  return { ...request, force, path: definition.path };
}
