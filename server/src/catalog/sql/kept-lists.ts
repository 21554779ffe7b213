/**
 * The definitions that a transaction has read. Nobody else changes them meanwhile, so that several
 * steps of one change share a list, which takes 10 to 50 ms to read when there are many flows.
 */

import type { Field } from '../../domain/contact/field.ts';
import type { ExclusionGroup, Flow } from '../../domain/flow/flow.ts';
import type { Segment } from '../../domain/membership/definitions.ts';
import type { DatasetRecord } from '../catalog.ts';

interface ListedDefinitions {
  readonly datasets: DatasetRecord;
  readonly fields: Field;
  readonly segments: Segment;
  readonly flows: Flow;
  readonly exclusion_groups: ExclusionGroup;
}

export type ListedTable = keyof ListedDefinitions;

export class KeptLists {
  readonly #lists = new Map<string, Promise<readonly unknown[]>>();

  /** What `read` gave before, or gives now. */
  get<Table extends ListedTable>(
    table: Table,
    organizationId: number,
    read: () => Promise<readonly ListedDefinitions[Table][]>,
  ): Promise<readonly ListedDefinitions[Table][]> {
    const key = `${organizationId} ${table}`;
    const list = this.#lists.get(key) ?? read();
    this.#lists.set(key, list);
    return list as Promise<readonly ListedDefinitions[Table][]>;
  }

  /** Call it before a write to the table; without a table, before a write to several. */
  drop(table: ListedTable | 'others' | undefined): void {
    for (const key of this.#lists.keys()) {
      if (table === undefined || key.endsWith(` ${table}`)) this.#lists.delete(key);
    }
  }

  /** Call it with an update of one definition. */
  replace(table: 'segments' | 'flows', organizationId: number, definition: Segment | Flow): void {
    const key = `${organizationId} ${table}`;
    const list = this.#lists.get(key) as Promise<readonly (Segment | Flow)[]> | undefined;
    if (list === undefined) return;
    const isOther = ({ id }: Segment | Flow) => id !== definition.id;
    const replaced = list.then((all) => all.map((one) => (isOther(one) ? one : definition)));
    this.#lists.set(key, replaced);
  }
}
