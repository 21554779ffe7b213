/** Shows, defines and deletes datasets. */
import * as operations from '@usher/contract/dataset-operations';
import {
  listDatasets,
  listDatasetVersions,
  readDataset,
} from '../../administration/dataset/datasets.ts';
import { defineDataset, validateDataset } from '../../administration/dataset/define-dataset.ts';
import { DefinitionProblems } from '../../administration/dataset/definition-problems.ts';
import { planRemoval, removeDataset } from '../../administration/dataset/remove-dataset.ts';
import { readDatasetDocument } from '../../administration/document/dataset-document.ts';
import { DocumentReader } from '../../administration/document/document-reader.ts';
import {
  addableNormalisations,
  type NewIdentityType,
} from '../../administration/identity-types.ts';
import { givenMembers } from '../../domain/given-members.ts';
import { maxIdentityTypesPerOrganization } from '../../domain/limits.ts';
import { maxFieldNameLength } from '../../sync/limits.ts';
import { adminRoute, pageAnswer } from '../admin-route.ts';
import { jsonAnswer, taggedAnswer } from '../json-answer.ts';

export const datasetRoutes = [
  adminRoute(operations.listDatasets, async (call) => {
    const datasets = await listDatasets(call.administration, call.organizationId);
    return pageAnswer(datasets, ({ name }) => name, call);
  }),

  adminRoute(operations.getDataset, async (call) => {
    const { administration, organizationId, params } = call;
    return taggedAnswer(await readDataset(administration, organizationId, params.name), call);
  }),

  adminRoute(operations.putDataset, async (call) => {
    const { administration, organizationId, params, body, precondition, mustBeNew } = call;
    const change = givenMembers({ ...readChange(body, params.name), precondition, mustBeNew });
    const { warnings } = await defineDataset(administration, organizationId, change);
    const defined = await readDataset(administration, organizationId, params.name);
    return taggedAnswer(defined, call, { warnings });
  }),

  adminRoute(operations.validateDataset, async (call) => {
    const { administration, organizationId, params, body, limitHead } = call;
    const change = readChange(body, params.name);
    return jsonAnswer(
      200,
      await validateDataset(administration, organizationId, change),
      limitHead,
    );
  }),

  adminRoute(operations.deleteDataset, async (call, { reader }) => {
    const { administration, organizationId, params, query, precondition, limitHead } = call;
    const { name } = params;
    const { dataset } = await planRemoval(administration, organizationId, name);
    const { sections } = await reader.datasetCounts(organizationId, dataset.id);
    const force = query.force === true;
    const removal = givenMembers({ name, sections, force, precondition });
    await removeDataset(administration, organizationId, removal);
    return { status: 204, head: limitHead, body: '' };
  }),

  adminRoute(operations.listDatasetVersions, async (call) => {
    const { administration, organizationId, params } = call;
    const versions = await listDatasetVersions(administration, organizationId, params.name);
    return pageAnswer(versions, ({ version }) => String(version), call);
  }),
];

/** @throws UsherError `definition_invalid` with every fault of the body's form */
function readChange(body: unknown, name: string) {
  const problems = new DefinitionProblems();
  const place = new DocumentReader(body, '', problems);
  place.takes(['definition', 'force', 'plan', 'new_identity_types']);
  const added = place
    .member('new_identity_types')
    .elements('names', maxIdentityTypesPerOrganization);
  const newIdentityTypes = added.map(readNewType);
  const force = place.member('force').flag() === true;
  const definition = place.member('definition');
  const request = readDatasetDocument(definition, name);
  problems.throwIfAny();
  return { ...request, force, newIdentityTypes, path: definition.path };
}

/** A name alone stands for the normalisation `exact`. */
function readNewType(place: DocumentReader): NewIdentityType {
  if (typeof place.value === 'string') {
    return { name: place.text(maxFieldNameLength) ?? '', normalisation: 'exact' };
  }
  place.takes(['name', 'normalisation']);
  return {
    name: place.member('name').text(maxFieldNameLength) ?? '',
    normalisation: place.member('normalisation').word(addableNormalisations) ?? 'exact',
  };
}
