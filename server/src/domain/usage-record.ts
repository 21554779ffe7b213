/** What is kept of the calls of a token in an hour. Pure. */
import { addUsage, type UsageSums } from './usage-sums.ts';

/** Where calls came from. It may name a person: a developer's machine, or a phone. */
export interface UsageClient {
  readonly address: string;
  /** The first characters of the header, printable ASCII; empty without one. */
  readonly userAgent: string;
  readonly calls: number;
}

export interface UsageField {
  readonly fieldId: number;
  /** Look-ups that asked for the field. A batch is one. */
  readonly reads: number;
}

export interface UsageRecord {
  readonly sums: UsageSums;
  /** Those with the most calls first. */
  readonly clients: readonly UsageClient[];
  readonly fields: readonly UsageField[];
}

/**
 * Clients and fields that are kept of a token in an hour: 30 x 200 and 50 x 20 bytes. 20 clients
 * are shown, so that one which comes late in the hour can still rise.
 */
const keptClients = 30;
const keptFields = 50;

export function addRecords(one: UsageRecord, other: UsageRecord): UsageRecord {
  return {
    sums: addUsage(one.sums, other.sums),
    clients: addClients([...one.clients, ...other.clients]),
    fields: addFields([...one.fields, ...other.fields]),
  };
}

/** Each address with a user agent once, and only the most frequent ones. */
function addClients(clients: readonly UsageClient[]): readonly UsageClient[] {
  const byName = new Map<string, UsageClient>();
  for (const client of clients) {
    const name = `${client.address} ${client.userAgent}`;
    const known = byName.get(name);
    byName.set(name, { ...client, calls: client.calls + (known?.calls ?? 0) });
  }
  return [...byName.values()]
    .toSorted((one, other) => other.calls - one.calls)
    .slice(0, keptClients);
}

function addFields(fields: readonly UsageField[]): readonly UsageField[] {
  const byId = new Map<number, number>();
  for (const { fieldId, reads } of fields) byId.set(fieldId, reads + (byId.get(fieldId) ?? 0));
  return [...byId]
    .map(([fieldId, reads]) => ({ fieldId, reads }))
    .toSorted((one, other) => other.reads - one.reads)
    .slice(0, keptFields);
}
