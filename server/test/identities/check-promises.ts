/** What must be true of the model after every write, and in the midst of every run. */
import assert from 'node:assert/strict';
import type { IdentityModel } from './identity-model.ts';
import { type Decision, whoAnswers } from './identity-rules.ts';
import {
  claimedBy,
  describeRow,
  endsOf,
  type Identity,
  type Row,
  typeRules,
} from './identity-state.ts';
import { everyIdentity } from './random-history.ts';

/** Throws an error that names the promise, if one is broken. */
export function checkPromises(model: IdentityModel): void {
  checkAnswers(model);
  checkContacts(model);
  // One identity after each write, because that takes as long as all other checks together.
  const start = everyIdentity[model.state.version % everyIdentity.length];
  if (start !== undefined) checkCluster(model, start);
}

/** What each identity answers, as one text. */
export function answersOf(model: IdentityModel, decision?: Decision): string {
  return everyIdentity.map((it) => `${it} ${answerOf(model, it, decision)}`).join('\n');
}

function answerOf(model: IdentityModel, identity: Identity, decision?: Decision): string {
  const shown = model.shownRows(identity, decision);
  return (
    shown.map(({ dataset, key, section }) => `${dataset}/${key}=${section}`).join(' ') || '404'
  );
}

/** All rows, as one text. `isIncluded` leaves some of them out. */
export function rowsOf(
  model: IdentityModel,
  isIncluded: (row: Row) => boolean = () => true,
): string {
  const rows = [...model.state.rows.values()].filter(isIncluded);
  return rows.map(describeRow).sort().join('\n');
}

/** Everything that this answer and later ones depend on, as one text. */
export function fingerprint(model: IdentityModel): string {
  const { joinMemory, newJoins, breaks, bars, suppressed, keptRows, merges } = model.state;
  const parts = [
    [...joinMemory].map(String),
    [...newJoins].map(String),
    [...breaks].map(String),
    [...bars].map(String),
    suppressed,
    keptRows,
    merges.map(({ keys, pairs, lifted }) => [keys, [...pairs].sort(), [...lifted].sort()].join()),
  ];
  const state = parts.map((part) => [...part].sort().join(', '));
  return [rowsOf(model), answersOf(model), ...state].join('\n');
}

function checkAnswers(model: IdentityModel): void {
  const { settings, rows, suppressed } = model.state;
  const isStable = (identity: Identity) => typeRules(settings, identity).isStable;
  assert.equal(
    answersOf(model, whoAnswers(model.state)),
    answersOf(model),
    'what is kept is what the rules say',
  );
  const claimed = new Set([...rows.values()].flatMap(claimedBy));
  for (const identity of everyIdentity) {
    const shown = model.shownRows(identity);
    if (shown.length > 0) {
      assert.ok(claimed.has(identity), `${identity} leads to a contact, and a row claims it`);
      assert.ok(!suppressed.has(identity), `${identity} is suppressed, and leads nowhere`);
    }
    assert.ok(
      !suppressed.has(identity) || !claimed.has(identity),
      'nobody claims what is suppressed',
    );
    if (!isStable(identity)) continue;
    const others = shown.flatMap(claimedBy).filter((it) => isStable(it) && it !== identity);
    assert.deepEqual(
      others,
      [],
      `${identity} does not answer with the row of another stable value`,
    );
  }
}

function checkContacts(model: IdentityModel): void {
  const { settings, rows: allRows, decision, founders } = model.state;
  const seen = new Set<Row>();
  for (const group of new Set(decision.groupOf.values())) {
    const named = new Set([...group.identities, ...group.rows.flatMap(claimedBy)]);
    const stable = (identities: Iterable<Identity>) =>
      [...identities].filter((it) => typeRules(settings, it).isStable).length;
    assert.ok(stable(group.identities) <= 1, 'a contact has one stable value');
    assert.ok(stable(named) <= 1, 'rows of one contact claim one stable value');
    for (const identity of group.identities) {
      assert.equal(decision.groupOf.get(identity), group, 'an identity leads to one contact');
    }
    for (const row of group.rows) {
      assert.ok(!seen.has(row), 'a row belongs to one contact');
      assert.ok(group.identities.has(row.key), 'a row is where its key leads');
      seen.add(row);
    }
    if (group.rows.length === 0) continue;
    const hasId = [...founders.values()].some((it) => group.rows.some(({ key }) => key === it));
    assert.ok(hasId, 'a contact has an id');
  }
  assert.equal(seen.size, allRows.size, 'no row is lost');
  assert.equal(new Set(founders.keys()).size, founders.size, 'an id has one founder');
}

/**
 * What is decided about an identity depends on the rows that share an identity with it, step by
 * step, and on no others.
 */
function checkCluster(model: IdentityModel, start: Identity): void {
  const { state } = model;
  const cluster = new Set([start]);
  const links = [
    ...[...state.rows.values()].map((row) => [row.key, ...claimedBy(row)]),
    ...state.merges.map(({ keys }) => keys),
    ...[...state.joinMemory.keys()].map(endsOf),
  ];
  for (let size = 0; size !== cluster.size; ) {
    size = cluster.size;
    for (const link of links) {
      if (link.some((it) => cluster.has(it))) for (const it of link) cluster.add(it);
    }
  }
  const near = [...state.rows.values()].filter(({ key }) => cluster.has(key));
  const decision = whoAnswers(state, near);
  for (const identity of cluster) {
    assert.equal(
      answerOf(model, identity, decision),
      answerOf(model, identity),
      'a cluster of rows is decided by itself',
    );
  }
}
