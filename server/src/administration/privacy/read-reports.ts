/** Everything that is kept of the memberships that other tools reported. */
import type { OrganizationState } from '../../domain/catalog-state.ts';
import {
  entriesOf,
  type LedgerEntry,
  type MembershipLedger,
  timeOf,
} from '../../domain/membership/ledger-entry.ts';
import {
  kindOf,
  type ReportKind,
  reportedColumns,
} from '../../domain/membership/reported-columns.ts';
import type { IdentityKey } from '../../stores/store.ts';
import type { IdentityView } from '../contact/identity-view.ts';
import { namesIn } from '../contact/stored-values.ts';

/** A report of one membership: also one that ended it, or that look-ups do not show. */
export interface ExportedReport {
  readonly kind: ReportKind;
  /** `null` if it no longer exists. */
  readonly dataset: string | null;
  /** The key of the row; `null`: not noted, as all rows of the contact had one key. */
  readonly key: IdentityView | null;
  /** RFC 3339: when the run began that reported it; `null`: no run did. */
  readonly reported_at: string | null;
  /** RFC 3339, or a date: since when it counts; `null`: always. */
  readonly at: string | null;
  /** Whether it ended the membership. */
  readonly ended: boolean;
  /** By the columns of the feed, without empty ones. */
  readonly columns: Readonly<Record<string, string | number>>;
}

export function viewReports(
  organization: OrganizationState,
  ledger: MembershipLedger,
  show: (key: IdentityKey) => IdentityView | null,
): readonly ExportedReport[] {
  const { dataset } = namesIn(organization);
  return entriesOf(ledger).map((entry) => {
    const { by, key } = entry;
    return {
      kind: kindOf(entry),
      dataset: by === null ? null : dataset(by.datasetId),
      key: key === null ? null : show(keyOf(key)),
      reported_at: by === null ? null : timeText(by.sourceVersion),
      at: timeOf(entry),
      ended: 'isMember' in entry && !entry.isMember,
      columns: filledColumns(entry),
    };
  });
}

/** Reads the text of a key (`ledger-entry.ts`). */
function keyOf(key: string): IdentityKey {
  const bytes = Buffer.from(key, 'hex');
  return { typeId: bytes.readUInt16BE(0), digest: bytes.subarray(2) };
}

function timeText(sourceVersion: bigint): string {
  return new Date(Number(sourceVersion >> 16n)).toISOString();
}

function filledColumns(entry: LedgerEntry): ExportedReport['columns'] {
  const filled = Object.entries(reportedColumns(entry)).filter(
    (column): column is [string, string | number] => column[1] !== null,
  );
  return Object.fromEntries(filled);
}
