/** The moment as of which contacts are walked: the time, and how fresh the datasets are. */
import type { Dataset, OrganizationState } from '../../domain/catalog-state.ts';
import type { WalkMoment, Withholding } from '../../membership/record-evaluator.ts';
import type { ContactReader } from '../../stores/store.ts';

export async function walkMoment(
  reader: Pick<ContactReader, 'asOf'>,
  { organization, datasets }: OrganizationState,
  nowMs: number,
): Promise<WalkMoment> {
  return { nowMs, withholding: await readWithholding(reader, organization.id, datasets.values()) };
}

export async function readWithholding(
  reader: Pick<ContactReader, 'asOf'>,
  organizationId: number,
  datasets: Iterable<Dataset>,
): Promise<readonly Withholding[]> {
  const withholding: Withholding[] = [];
  for (const { id, definition } of datasets) {
    const { maxAge, source } = definition ?? {};
    if (maxAge?.policy !== 'withhold') continue;
    withholding.push({
      ...{ datasetId: id, maxAgeMs: maxAge.ms, isPushed: source?.kind === 'push' },
      asOfMs: await reader.asOf(organizationId, id),
    });
  }
  return withholding;
}
