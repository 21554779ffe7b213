/**
 * The writer's calls, and how each travels between processes. To add one, add its method to
 * `ContactWriter`, its row here, and its implementation to `EmbeddedWriter`.
 */
import { UsherError } from '../../../domain/errors.ts';
import {
  type ChangesToApply,
  decodeChangeBatch,
  encodeChangeBatch,
  encodedBytes,
} from '../../change-batch.ts';
import type { ErasureRequest } from '../../privacy-answer.ts';
import type { RunLease } from '../../run-lease.ts';
import type { ContactChange, ContactWriter, IdentityKey } from '../../store.ts';
import type { LeaseHolder } from './run-leases.ts';

export type CallName = Exclude<keyof ContactWriter, 'close'>;
export type CallArguments<Name extends CallName> = Parameters<ContactWriter[Name]>;
export type CallResult<Name extends CallName> = Awaited<ReturnType<ContactWriter[Name]>>;

/** Performs any call: in this process, or by sending it to another one. */
export interface CallTarget {
  call<Name extends CallName>(name: Name, args: CallArguments<Name>): Promise<CallResult<Name>>;
  close(): Promise<void>;
}

/** The calls as the writing process performs them: each also gets the holder that made it. */
export type WriterOperations = {
  [Name in CallName]: (
    ...args: [...CallArguments<Name>, holder: LeaseHolder]
  ) => Promise<CallResult<Name>>;
};

/** Carries a value that JSON cannot: as JSON of another shape, or as the bytes of the frame. */
interface Carrier<Value> {
  /** The value is the frame's bytes. At most one argument of a call can be. */
  readonly isBytes?: true;
  write(value: Value): unknown;
  read(carried: never): Value;
}

type AsJson<Value> = Value extends string | number | boolean | null | undefined
  ? Value
  : Value extends bigint | Uint8Array
    ? never
    : { [Key in keyof Value]: AsJson<Value[Key]> };

/** `'json'` is allowed only where JSON carries the whole value. */
type Way<Value> = Carrier<Value> | ([Value] extends [AsJson<Value>] ? 'json' : never);

type Ways<Values extends readonly unknown[]> = {
  readonly [Place in keyof Values]: Way<Values[Place]>;
};

interface CallRow<Name extends CallName> {
  readonly takes: Ways<CallArguments<Name>>;
  readonly gives: Way<CallResult<Name>>;
}

const run: Carrier<{ readonly sourceVersion: bigint }> = {
  write: ({ sourceVersion }) => `${sourceVersion}`,
  read: (sourceVersion: string) => ({ sourceVersion: BigInt(sourceVersion) }),
};

const lease: Carrier<RunLease> = {
  write: (value) => ({
    ...value,
    sourceVersion: `${value.sourceVersion}`,
    version: `${value.version}`,
  }),
  read: (json: Record<'sourceVersion' | 'version', string>) =>
    ({
      ...json,
      sourceVersion: BigInt(json.sourceVersion),
      version: BigInt(json.version),
    }) as unknown as RunLease,
};

/** Digests and sections of the changes are views of the frame, not copies. */
const changes: Carrier<readonly ContactChange[]> = {
  isBytes: true,
  write: encodeChangeBatch,
  read: (bytes: Buffer) => decodeChangeBatch(bytes),
};

const encodable: Carrier<ChangesToApply> = { ...changes, write: encodedBytes };

const identity: Carrier<IdentityKey> = {
  write: ({ typeId, digest }) => ({ typeId, digest: Buffer.from(digest).toString('hex') }),
  read: ({ typeId, digest }: { typeId: number; digest: string }) => ({
    typeId,
    digest: Buffer.from(digest, 'hex'),
  }),
};

interface StoredRequest extends Pick<ErasureRequest, 'requestId' | 'looks'> {
  readonly identities: unknown[] | null;
}

const erasure: Carrier<ErasureRequest> = {
  write: ({ requestId, identities, looks }) => ({
    ...{ requestId, looks },
    identities: identities?.map((it) => identity.write(it)) ?? null,
  }),
  read: ({ identities, ...request }: StoredRequest) => ({
    ...request,
    ...(identities !== null && { identities: identities.map((it) => identity.read(it as never)) }),
  }),
};

const bytes: Carrier<Uint8Array> = {
  isBytes: true,
  write: (value) => Buffer.from(value.buffer, value.byteOffset, value.length),
  read: (value: Buffer) => value,
};

const nothing: Carrier<void> = { write: () => null, read: () => undefined };

const writerCalls: { readonly [Name in CallName]: CallRow<Name> } = {
  beginRun: { takes: ['json'], gives: lease },
  renewRun: { takes: [lease], gives: nothing },
  applyBatch: { takes: [lease, encodable], gives: 'json' },
  reportRun: { takes: [lease, 'json', 'json'], gives: 'json' },
  finishRun: { takes: [lease, 'json'], gives: nothing },
  rollBackBatch: { takes: [lease, run, 'json'], gives: 'json' },
  dropRollbackData: { takes: ['json', 'json', 'json', 'json'], gives: 'json' },
  push: { takes: ['json', 'json', changes, 'json'], gives: 'json' },
  abandonRun: { takes: [lease], gives: nothing },
  mergeContacts: { takes: ['json', identity, identity, 'json'], gives: 'json' },
  unmergeContacts: { takes: ['json', 'json', 'json'], gives: 'json' },
  splitContact: { takes: ['json', identity, 'json'], gives: 'json' },
  partJoins: { takes: ['json', 'json', 'json'], gives: 'json' },
  putMemberships: { takes: ['json', identity, bytes], gives: 'json' },
  eraseContacts: { takes: ['json', erasure, 'json'], gives: 'json' },
  ownSuppressionList: { takes: [], gives: 'json' },
  liftSuppression: { takes: ['json', identity], gives: 'json' },
  amendContact: { takes: ['json', identity, 'json', 'json'], gives: 'json' },
  forgetAmendments: { takes: ['json', 'json', 'json'], gives: 'json' },
  flush: { takes: [], gives: nothing },
};

const asIs: Carrier<unknown> = { write: (value) => value, read: (json) => json };

const rows = new Map(
  Object.entries<AnyRow>(writerCalls).map(([name, { takes, gives }]) => [
    name,
    { takes: takes.map(toCarrier), gives: toCarrier(gives) },
  ]),
);

interface AnyRow {
  readonly takes: readonly unknown[];
  readonly gives: unknown;
}

function toCarrier(way: unknown): Carrier<unknown> {
  return way === 'json' ? asIs : (way as Carrier<unknown>);
}

function rowOf(name: string) {
  const row = rows.get(name);
  if (row === undefined) throw new UsherError('request_malformed', 'The writer has no such call.');
  return row;
}

/** The methods of a writer; each passes its call on to the target. */
export function callsOf(target: Pick<CallTarget, 'call'>): Omit<ContactWriter, 'close'> {
  const calls = [...rows.keys()].map((name) => [
    name,
    (...args: CallArguments<CallName>) => target.call(name as CallName, args),
  ]);
  return Object.fromEntries(calls);
}

/**
 * A call as a frame carries it: name and arguments as JSON, and apart from them the argument that
 * is bytes.
 */
export interface CarriedCall {
  readonly json: unknown;
  readonly bytes?: Buffer;
}

export function writeCall(name: CallName, args: readonly unknown[]): CarriedCall {
  const { takes } = rowOf(name);
  const carried = takes.map((carrier, place) => carrier.write(args[place]));
  const place = takes.findIndex(({ isBytes }) => isBytes);
  if (place < 0) return { json: [name, ...carried] };
  const [bytes] = carried.splice(place, 1, null);
  return { json: [name, ...carried], bytes: bytes as Buffer };
}

/** Performs the call of a frame. Resolves with its result in a form that JSON carries. */
export async function answerCall(
  writer: WriterOperations,
  holder: LeaseHolder,
  { json, bytes }: Required<CarriedCall>,
): Promise<unknown> {
  const [name, ...carried] = json as [CallName, ...unknown[]];
  const { takes, gives } = rowOf(name);
  const args = takes.map(({ isBytes, read }, place) =>
    read((isBytes ? bytes : carried[place]) as never),
  );
  return gives.write(await performCall(writer, holder, name, args as CallArguments<CallName>));
}

export function performCall<Name extends CallName>(
  writer: WriterOperations,
  holder: LeaseHolder,
  name: Name,
  args: CallArguments<Name>,
): Promise<CallResult<Name>> {
  const operation = writer[name] as (...all: unknown[]) => Promise<CallResult<Name>>;
  return operation.call(writer, ...args, holder);
}

export function readResult<Name extends CallName>(name: Name, json: unknown): CallResult<Name> {
  return rowOf(name).gives.read(json as never) as CallResult<Name>;
}
