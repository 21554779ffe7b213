/** Counts what changes would do to contacts, by reading them: the facts of a `RunPlan`. */
import type { EmptiedField, MeasuredChanges, PlanExample } from '../../domain/dataset/run-plan.ts';
import { type SectionView, viewSection } from '../../stores/contact-codec.ts';
import {
  contactIdStart,
  contactIdText,
  fieldIdAt,
  findSectionEntry,
  idWords,
  isEmptyAt,
  sectionAt,
  valueAt,
} from '../../stores/read-record.ts';
import { type ContactChange, type LentBytes, recordOnly } from '../../stores/store.ts';
import { changesOfKeys } from '../apply/apply-changes.ts';
import { maxNotedLosses, maxPlanExamples, maxTouchedContacts } from '../limits.ts';
import type { MeasuredDataset, PlannedRow, RowMeasure } from './measure-rows.ts';

export class ChangeMeasure {
  readonly #dataset: MeasuredDataset;
  readonly #rows: RowMeasure | undefined;
  /** Values that would be removed, by field id. */
  readonly #lost = new Map<number, number>();
  /** Values that would be added, by field id. */
  readonly #gained = new Map<number, number>();
  readonly #vanishedIds = new Set<string>();
  /** Contacts with the first field concerned: at most `maxPlanExamples` each. */
  readonly #examples = {
    cleared: new Map<string, number>(),
    changed: new Map<string, number>(),
  };
  readonly #touched = new TouchedContacts();
  #added = 0;
  #changed = 0;
  #cleared = 0;

  /** @param rows of a dry run: told what is planned for each row */
  constructor(dataset: MeasuredDataset, rows?: RowMeasure) {
    this.#dataset = dataset;
    this.#rows = rows;
  }

  /** Adds changes of any kind. `clear` means that the row has vanished. */
  async add(changes: readonly ContactChange[]): Promise<void> {
    const { reader, organizationId } = this.#dataset;
    const queries = changes.flatMap((change) => {
      const [key] = change.identities;
      return key === undefined
        ? []
        : [{ organizationId, identity: key, parts: recordOnly, change }];
    });
    const found = await reader.readContacts(queries, ({ record }, { change }) =>
      this.#compareRecord(record, change),
    );
    const planned = queries.map(({ change }, place) => found[place] ?? this.#gain(change));
    const measured = queries.map(({ change }) => change);
    await this.#rows?.add(measured, planned);
  }

  /**
   * Adds rows that have vanished, by their keys. Call it before `add`: a contact that another row
   * fills has not vanished.
   */
  async addVanished(keys: AsyncIterable<string>): Promise<void> {
    for await (const { changes } of changesOfKeys('clear', keys)) await this.add(changes);
  }

  async plan(maxShare: number, fieldNames: ReadonlyMap<number, string>): Promise<MeasuredChanges> {
    const { reader, organizationId, datasetId } = this.#dataset;
    const { sections, filled } = await reader.datasetCounts(organizationId, datasetId);
    const touched = this.#changed + this.#cleared + this.#vanishedIds.size;
    return {
      contactsBefore: sections,
      wouldAdd: this.#added,
      wouldChange: this.#changed,
      wouldClear: this.#cleared,
      wouldVanish: this.#vanishedIds.size,
      share: sections === 0 ? 0 : Math.min(1, touched / sections),
      maxShare,
      ...this.#lossesOf(filled, fieldNames),
      examples: this.#chooseExamples(fieldNames),
    };
  }

  /** `undefined`: the dataset fills nothing of the contact. */
  #compareRecord(record: LentBytes, change: ContactChange): PlannedRow | undefined {
    const entry = findSectionEntry(record, this.#dataset.datasetId);
    return entry < 0 ? undefined : this.#compare(change, sectionAt(record, entry));
  }

  #compare(change: ContactChange, old: SectionView): PlannedRow {
    if (change.kind === 'clear') {
      // A contact with several rows counts once.
      const contactId = contactIdText(old.bytes);
      if (this.#vanishedIds.has(contactId)) return 'counted';
      this.#vanishedIds.add(contactId);
      this.#lose(old, 1);
      return 'counted';
    }
    const next = viewSection(change.section);
    if (next === undefined) return 'same';
    if (this.#vanishedIds.size > 0 && this.#vanishedIds.delete(contactIdText(old.bytes))) {
      this.#lose(old, -1);
    }
    if (this.#touched.has(old)) return 'counted';
    const { outcome, fieldId, hasGained } = this.#compareValues(old, next);
    if (outcome === 'same') return hasGained ? 'gained' : 'same';
    this.#touched.add(old);
    if (outcome === 'cleared') this.#cleared += 1;
    else this.#changed += 1;
    const examples = this.#examples[outcome];
    if (examples.size < maxPlanExamples) examples.set(contactIdText(old.bytes), fieldId);
    return 'counted';
  }

  /** Some of each kind, so that a rare one shows, too. */
  #chooseExamples(fieldNames: ReadonlyMap<number, string>): readonly PlanExample[] {
    const ofKind = (effect: 'changed' | 'cleared'): PlanExample[] =>
      [...this.#examples[effect]].flatMap(([contactId, fieldId]) => {
        const field = fieldNames.get(fieldId);
        return field === undefined ? [] : [{ contactId, field, effect }];
      });
    const gone: PlanExample[] = [];
    for (const contactId of this.#vanishedIds) {
      if (gone.length === maxPlanExamples) break;
      gone.push({ contactId, field: null, effect: 'gone' });
    }
    const kinds = [ofKind('cleared'), ofKind('changed'), gone];
    const ranked = kinds.flatMap((kind) => kind.map((example, rank) => ({ example, rank })));
    return ranked
      .toSorted((one, other) => one.rank - other.rank)
      .slice(0, maxPlanExamples)
      .map(({ example }) => example);
  }

  #lose(old: SectionView, by: 1 | -1): void {
    for (let place = 0; place < old.fieldCount; place += 1) {
      count(this.#lost, fieldIdAt(old, place), by);
    }
  }

  /** With the first field that is emptied, or else the first that changes. */
  #compareValues(old: SectionView, next: SectionView) {
    let outcome: 'cleared' | 'changed' | 'same' = 'same';
    let shownId = 0;
    let hasGained = false;
    let place = 0;
    for (let index = 0; index < next.fieldCount; index += 1) {
      const fieldId = fieldIdAt(next, index);
      while (place < old.fieldCount && fieldIdAt(old, place) < fieldId) place += 1;
      const isThere = place < old.fieldCount && fieldIdAt(old, place) === fieldId;
      const isEmpty = isEmptyAt(next, index);
      if (!isThere) {
        if (!isEmpty) {
          count(this.#gained, fieldId);
          hasGained = true;
        }
      } else if (isEmpty) {
        count(this.#lost, fieldId);
        if (outcome !== 'cleared') shownId = fieldId;
        outcome = 'cleared';
      } else if (outcome === 'same' && !areSame(valueAt(old, place), valueAt(next, index))) {
        outcome = 'changed';
        shownId = fieldId;
      }
    }
    return { outcome, fieldId: shownId, hasGained };
  }

  #gain({ section, kind }: ContactChange): PlannedRow {
    const next = kind === 'clear' ? undefined : viewSection(section);
    if (next === undefined) return 'same';
    this.#added += 1;
    for (let index = 0; index < next.fieldCount; index += 1) {
      if (!isEmptyAt(next, index)) count(this.#gained, fieldIdAt(next, index));
    }
    return 'added';
  }

  #lossesOf(
    filled: ReadonlyMap<number, number>,
    fieldNames: ReadonlyMap<number, string>,
  ): Pick<MeasuredChanges, 'emptiedFields' | 'fieldLosses'> {
    const losses = [...this.#lost].flatMap(([fieldId, lost]) => {
      const before = Math.max(filled.get(fieldId) ?? 0, lost);
      const after = before - lost + (this.#gained.get(fieldId) ?? 0);
      const field = fieldNames.get(fieldId);
      return field !== undefined && after < before ? [{ field, before, after }] : [];
    });
    const shareOf = ({ before, after }: EmptiedField) => (before - after) / before;
    return {
      emptiedFields: losses.filter(({ before, after }) => after * 2 < before),
      fieldLosses: losses
        .toSorted((one, other) => shareOf(other) - shareOf(one))
        .slice(0, maxNotedLosses),
    };
  }
}

/** A contact with several rows, such as a merged one, counts once. */
class TouchedContacts {
  readonly #ids = new Set<number>();

  has(record: Pick<SectionView, 'bytes'>): boolean {
    return this.#ids.has(shortIdOf(record));
  }

  add(record: Pick<SectionView, 'bytes'>): void {
    if (this.#ids.size < maxTouchedContacts) this.#ids.add(shortIdOf(record));
  }
}

/** 50 random bits of the id: among a million contacts, two are alike once in two thousand runs. */
function shortIdOf({ bytes }: Pick<SectionView, 'bytes'>): number {
  const [, , third, fourth] = idWords(bytes, contactIdStart);
  return (third >>> 0) * 0x100000 + (fourth >>> 12);
}

function count(counts: Map<number, number>, fieldId: number, by = 1): void {
  counts.set(fieldId, (counts.get(fieldId) ?? 0) + by);
}

function areSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && Buffer.compare(one, other) === 0;
}
