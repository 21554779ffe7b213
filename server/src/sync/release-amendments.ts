/** Releases amendments of fields that are gone, or that got a type which the values do not fit. */
import type { Catalog } from '../catalog/catalog.ts';
import { maxRowsPerBatch } from '../domain/limits.ts';
import type { ContactWriter } from '../stores/store.ts';

/** Safe to repeat. */
export async function releaseAmendments(
  catalog: Pick<Catalog, 'read'>,
  writer: Pick<ContactWriter, 'forgetAmendments'>,
  organizationId: number,
): Promise<void> {
  const all = await catalog.read((view) => view.listFields(organizationId));
  const fields = all.map(({ id, type }) => ({ id, type }));
  let after: string | null = null;
  do {
    const page = { after, limit: maxRowsPerBatch };
    ({ next: after } = await writer.forgetAmendments(organizationId, fields, page));
  } while (after !== null);
}
