/**
 * Parts joins that rows made, in steps: a transaction that has taken long ends, so that others need
 * not wait long.
 */
import { formatRevision } from '../../../domain/revision.ts';
import type { IdentityKey } from '../../store.ts';
import type { IdentityNode } from '../contacts/component.ts';
import { isOver } from '../contacts/identity-links.ts';
import { JoinLog, type StoredJoin } from '../contacts/join-log.ts';
import { ComponentChange } from './component-change.ts';
import { type JoinPlace, part } from './join-contacts.ts';
import type { WriteStep } from './write-queue.ts';
import type { WriteSession } from './write-session.ts';

export interface PartedStorm {
  readonly since: bigint;
  readonly until: bigint;
  /** Where an earlier call ended, or `null`. */
  readonly after: string | null;
  readonly datasetId: number | null;
  readonly limit: number;
}

export interface PartedJoins {
  readonly parted: number;
  /** Where to continue, or `null`. */
  readonly next: string | null;
}

interface StormJoin {
  readonly version: bigint;
  readonly keys: readonly [IdentityKey, IdentityKey];
  /** Whether rows joined them that were there before. */
  readonly isLate: boolean;
}

interface StormPage {
  readonly joins: readonly StormJoin[];
  readonly next: string | null;
}

/**
 * Parts the next joins that rows made since a version, at most `limit`. A parting may set an
 * identity free, by which other rows of the time join then: the log ends with these joins, so that
 * a later call parts them.
 */
export class SteppedPartings {
  readonly #session: WriteSession;
  readonly #storm: PartedStorm;
  #page: StormPage | undefined;
  /** What is on the disk. */
  readonly #parted = new Set<StormJoin>();
  /** How many joins of the page were looked at. */
  #done = 0;

  constructor(session: WriteSession, storm: PartedStorm) {
    this.#session = session;
    this.#storm = storm;
  }

  step(place: JoinPlace): WriteStep<PartedJoins> {
    this.#page ??= readPage(this.#session, place, this.#storm);
    const { joins, next } = this.#page;
    const parted = new Set(this.#parted);
    let done = this.#done;
    while (done < joins.length && !(done > this.#done && this.#session.hasTakenLong)) {
      const join = joins[done] as StormJoin;
      if (!parted.has(join)) {
        const left = joins.filter((it) => !parted.has(it));
        for (const it of this.#partAll(place, join, left)) parted.add(it);
      }
      done += 1;
    }
    return {
      result: done === joins.length ? { parted: parted.size, next } : undefined,
      onCommit: () => {
        for (const join of parted) this.#parted.add(join);
        this.#done = done;
      },
    };
  }

  /** Parts all joins of one component at once: with one of them parted, others might not stay. */
  #partAll(place: JoinPlace, join: StormJoin, left: readonly StormJoin[]): StormJoin[] {
    const { organizationId } = place;
    const version = this.#session.nextVersion();
    const change = new ComponentChange(this.#session, { organizationId, version });
    for (const key of join.keys) change.component.node(key);
    change.component.gather();
    const joined = left.flatMap((it) => {
      const pair = joinedPair(change, it);
      return pair === undefined ? [] : [{ join: it, pair }];
    });
    if (joined.length === 0) return [];
    part(this.#session, place, { change, kind: 'storm', pairs: joined.map(({ pair }) => pair) });
    return joined.map((it) => it.join);
  }
}

function readPage(
  { environment }: WriteSession,
  { organizationId }: JoinPlace,
  storm: PartedStorm,
): StormPage {
  const { after, limit } = storm;
  const since = formatRevision(storm.since);
  const log = new JoinLog(environment.log, organizationId);
  const { entries, next } = log.readFrom({ since, after }, limit);
  const joins = entries.flatMap(({ version, entry }): StormJoin[] =>
    entry.kind === 'join' && isOfStorm(entry, version, storm)
      ? [{ version, keys: entry.keys, isLate: entry.said !== undefined }]
      : [],
  );
  return { joins, next: next ?? (joins.length > 0 ? (entries.at(-1)?.at ?? null) : null) };
}

/** A join by rows that were there before counts as made when they said what makes it. */
function isOfStorm({ datasetId, said }: StoredJoin, version: bigint, storm: PartedStorm): boolean {
  return (said ?? [{ datasetId, version }]).some((it) => {
    const isIn = storm.since <= it.version && it.version <= storm.until;
    return isIn && (storm.datasetId === null || storm.datasetId === it.datasetId);
  });
}

/** The join, if it is of this component, and still the one that is noted. */
function joinedPair(
  change: ComponentChange,
  { version, keys, isLate }: StormJoin,
): readonly [IdentityNode, IdentityNode] | undefined {
  const { component, book } = change;
  const [one, other] = keys.map((key) => component.find(key));
  if (one === undefined || other === undefined) return undefined;
  // What a person merged is joined although it was parted before.
  if (isLate && one.links.bars.some((bar) => component.find(bar.other) === other)) return undefined;
  const memory = book.memoryOf(one, other);
  if (memory?.version !== version || isOver(memory, change.context().quietAt)) return undefined;
  return [one, other];
}
