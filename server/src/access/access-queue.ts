/**
 * A bounded queue in shared memory, from one look-up thread to the appender: one producer, one
 * consumer, no lock. Texts that repeat, such as the token's id, are sent once and named by a number
 * afterwards.
 */
import { accessOutcomes, accessWays } from '@usher/contract/access-words';
import type { AccessAct, AccessLooker, AccessNotes, AccessSubject } from './access-entry.ts';
import { maxSyncWaitMs, maxThreadWords, maxWordBytes, queueSlots, slotBytes } from './limits.ts';

/** The kinds of texts. Each has numbers of its own. */
export const wordKinds = ['who', 'actor', 'address', 'fields', 'remark'] as const;

/** Whole numbers before the slots. The counters of slots wrap at 32 bits. */
const places = { written: 0, read: 1, lost: 2, synced: 3 } as const;
const headInts = 16;
const slotInts = slotBytes / 4;
const slotMask = queueSlots - 1;
const queueBytes = 4 * headInts + queueSlots * slotBytes;

const slotKinds = { entry: 1, word: 2 } as const;

/** Whole numbers of an entry's slot; the time is the second of eight bytes. */
const entryPlaces = { head: 0, subject: 1, words: 4, digest: 9 } as const;
const timePlace = 1;

/** Bytes of a text's slot before the text, which goes on in the next slots. */
const wordHeadBytes = 12;

/** Before the queues: what the appender tells all threads. */
const stateBytes = 64;

const appenderStates = { writing: 0, failing: 1 } as const;

const figurePlaces = { entries: 1, lost: 2, bytes: 3 } as const;

/** Memory for the queues of all threads, and the state of the appender. */
export function allocateAccessQueues(threads: number): SharedArrayBuffer {
  return new SharedArrayBuffer(stateBytes + threads * queueBytes);
}

export interface AccessFigures {
  /** Looks written since the server started. */
  readonly entries: number;
  /** Looks that found no room since the server started. */
  readonly lost: number;
  /** Size of the log. */
  readonly bytes: number;
}

/** What the appender tells the threads. */
export class AppenderState {
  readonly #state: Int32Array;
  readonly #figures: Float64Array;

  constructor(memory: SharedArrayBuffer) {
    this.#state = new Int32Array(memory, 0, 1);
    this.#figures = new Float64Array(memory, 0, stateBytes / 8);
  }

  get isWriting(): boolean {
    return Atomics.load(this.#state, 0) === appenderStates.writing;
  }

  set isWriting(isWriting: boolean) {
    Atomics.store(this.#state, 0, appenderStates[isWriting ? 'writing' : 'failing']);
  }

  get figures(): AccessFigures {
    const at = (place: number) => this.#figures[place] ?? 0;
    const { entries, lost, bytes } = figurePlaces;
    return { entries: at(entries), lost: at(lost), bytes: at(bytes) };
  }

  set figures({ entries, lost, bytes }: AccessFigures) {
    this.#figures[figurePlaces.entries] = entries;
    this.#figures[figurePlaces.lost] = lost;
    this.#figures[figurePlaces.bytes] = bytes;
  }
}

interface QueueViews {
  readonly head: Int32Array;
  readonly ints: Int32Array;
  readonly bytes: Uint8Array;
  readonly times: Float64Array;
}

function viewQueue(memory: SharedArrayBuffer, row: number): QueueViews {
  const start = stateBytes + row * queueBytes;
  const slots = start + 4 * headInts;
  return {
    head: new Int32Array(memory, start, headInts),
    ints: new Int32Array(memory, slots, queueSlots * slotInts),
    bytes: new Uint8Array(memory, slots, queueSlots * slotBytes),
    times: new Float64Array(memory, slots, (queueSlots * slotBytes) / 8),
  };
}

/** The numbers of one kind of texts. The oldest text makes room for a new one. */
class SentWords {
  readonly #numbers = new Map<string, number>();
  readonly #texts = new Array<string>(maxThreadWords).fill('');
  #next = 1;
  lastText = '';
  lastNumber = 0;

  find(text: string): number | undefined {
    return this.#numbers.get(text);
  }

  add(text: string): number {
    const number = this.#next;
    this.#next = number === maxThreadWords - 1 ? 1 : number + 1;
    this.#numbers.delete(this.#texts[number] as string);
    this.#texts[number] = text;
    this.#numbers.set(text, number);
    return number;
  }
}

/** The producer. One thread at a time has a row; a replacement continues it. */
export class AccessQueue implements AccessNotes {
  readonly #views: QueueViews;
  readonly #state: AppenderState;
  readonly #isRequired: boolean;
  readonly #sent = wordKinds.map(() => new SentWords());
  readonly #encoder = new TextEncoder();
  #written: number;
  /** As last seen: read again only when the queue seems full. */
  #read: number;

  constructor(options: {
    readonly memory: SharedArrayBuffer;
    readonly row: number;
    /** Whether looks wait for nobody but stop when they cannot be noted. */
    readonly isRequired: boolean;
  }) {
    this.#views = viewQueue(options.memory, options.row);
    this.#state = new AppenderState(options.memory);
    this.#isRequired = options.isRequired;
    this.#written = Atomics.load(this.#views.head, places.written);
    this.#read = Atomics.load(this.#views.head, places.read);
  }

  admits(count: number): boolean {
    if (!this.#isRequired) return true;
    if (!this.#state.isWriting) return false;
    // Five texts may be new, of at most 8 kB each.
    return this.#hasRoom(count + wordKinds.length * slotsOf(maxWordBytes));
  }

  note(looker: AccessLooker, subject: AccessSubject, act: AccessAct): void {
    const who = this.#word(0, looker.who);
    const actor = this.#word(1, looker.actor ?? '');
    const address = this.#word(2, looker.address);
    const fields = this.#word(3, act.fields);
    const remark = this.#word(4, act.remark);
    const isKnown = who >= 0 && actor >= 0 && address >= 0 && fields >= 0 && remark >= 0;
    if (!isKnown || !this.#hasRoom(1)) {
      Atomics.add(this.#views.head, places.lost, 1);
      return;
    }
    const slot = this.#written & slotMask;
    const { ints, times } = this.#views;
    const at = slot * slotInts;
    const way = accessWays.indexOf(act.way);
    const outcome = accessOutcomes.indexOf(act.outcome);
    ints[at + entryPlaces.head] = slotKinds.entry | (way << 8) | (outcome << 16);
    ints[at + entryPlaces.subject] = subject.organizationId | (subject.typeId << 16);
    times[slot * (slotInts / 2) + timePlace] = act.atMs;
    const words = at + entryPlaces.words;
    ints[words] = who;
    ints[words + 1] = actor;
    ints[words + 2] = address;
    ints[words + 3] = fields;
    ints[words + 4] = remark;
    const digest = at + entryPlaces.digest;
    ints[digest] = subject.words[0];
    ints[digest + 1] = subject.words[1];
    ints[digest + 2] = subject.words[2];
    ints[digest + 3] = subject.words[3];
    this.#publish(1);
  }

  isWriting(): boolean {
    return this.#state.isWriting;
  }

  async synced(): Promise<boolean> {
    const { head } = this.#views;
    const wanted = this.#written;
    const endMs = performance.now() + maxSyncWaitMs;
    for (;;) {
      const synced = Atomics.load(head, places.synced);
      if (((synced - wanted) | 0) >= 0) return true;
      const leftMs = endMs - performance.now();
      if (leftMs <= 0) return false;
      await Atomics.waitAsync(head, places.synced, synced, leftMs).value;
    }
  }

  /** The number of a text, sent first if it is new; -1 if there is no room for it. */
  #word(kind: number, text: string): number {
    if (text === '') return 0;
    const sent = this.#sent[kind] as SentWords;
    // Callers repeat themselves, and comparing costs less than hashing.
    if (sent.lastText === text) return sent.lastNumber;
    const number = sent.find(text) ?? this.#send(kind, sent, text);
    if (number < 0) return number;
    sent.lastText = text;
    sent.lastNumber = number;
    return number;
  }

  #send(kind: number, sent: SentWords, text: string): number {
    const encoded = this.#encoder.encode(text).subarray(0, maxWordBytes);
    const slots = slotsOf(encoded.length);
    if (!this.#hasRoom(slots)) return -1;
    const number = sent.add(text);
    const { ints, bytes } = this.#views;
    const slot = this.#written & slotMask;
    ints[slot * slotInts] = slotKinds.word | (kind << 8);
    ints[slot * slotInts + 1] = number;
    ints[slot * slotInts + 2] = encoded.length;
    const start = slot * slotBytes + wordHeadBytes;
    for (let place = 0; place < encoded.length; place += 1) {
      bytes[(start + place) & (queueSlots * slotBytes - 1)] = encoded[place] as number;
    }
    this.#publish(slots);
    return number;
  }

  #hasRoom(slots: number): boolean {
    if (((this.#written - this.#read) | 0) + slots <= queueSlots) return true;
    this.#read = Atomics.load(this.#views.head, places.read);
    return ((this.#written - this.#read) | 0) + slots <= queueSlots;
  }

  #publish(slots: number): void {
    this.#written = (this.#written + slots) | 0;
    // The consumer sees the slot before it sees the new count.
    Atomics.store(this.#views.head, places.written, this.#written);
  }
}

function slotsOf(wordBytes: number): number {
  return Math.ceil((wordHeadBytes + wordBytes) / slotBytes);
}

/** An entry as the consumer reads it, in memory that the next entry uses again. */
export interface QueuedEntry {
  atMs: number;
  way: number;
  outcome: number;
  organizationId: number;
  typeId: number;
  /** The texts, ordered like `wordKinds`. */
  readonly texts: string[];
  /** 16 bytes. */
  readonly digest: Int32Array;
}

/** The consumer of one thread's queue. */
export class QueueReader {
  readonly #views: QueueViews;
  readonly #words = wordKinds.map(() => new Array<string>(maxThreadWords).fill(''));
  readonly #decoder = new TextDecoder();
  readonly #entry: QueuedEntry = {
    ...{ atMs: 0, way: 0, outcome: 0, organizationId: 0, typeId: 0 },
    texts: wordKinds.map(() => ''),
    digest: new Int32Array(4),
  };

  constructor(memory: SharedArrayBuffer, row: number) {
    this.#views = viewQueue(memory, row);
  }

  /** Entries that had no room since the server started. */
  get lost(): number {
    return Atomics.load(this.#views.head, places.lost);
  }

  /**
   * Passes what is queued to `take`, at most `limit` entries, and frees its room.
   * @returns how many entries were passed
   */
  drain(limit: number, take: (entry: QueuedEntry) => void): number {
    const { head, ints } = this.#views;
    const written = Atomics.load(head, places.written);
    let read = Atomics.load(head, places.read);
    let taken = 0;
    while (read !== written && taken < limit) {
      const slot = read & slotMask;
      if (((ints[slot * slotInts] as number) & 0xff) === slotKinds.word) {
        read = (read + this.#readWord(slot)) | 0;
        continue;
      }
      this.#readEntry(slot);
      take(this.#entry);
      taken += 1;
      read = (read + 1) | 0;
    }
    Atomics.store(head, places.read, read);
    return taken;
  }

  /** What was drained is on the disk. */
  noteSynced(): void {
    const { head } = this.#views;
    Atomics.store(head, places.synced, Atomics.load(head, places.read));
    Atomics.notify(head, places.synced);
  }

  #readWord(slot: number): number {
    const { ints, bytes } = this.#views;
    const at = slot * slotInts;
    const kind = ((ints[at] as number) >> 8) & 0xff;
    const length = ints[at + 2] as number;
    const start = slot * slotBytes + wordHeadBytes;
    const copy = new Uint8Array(length);
    for (let place = 0; place < length; place += 1) {
      copy[place] = bytes[(start + place) & (queueSlots * slotBytes - 1)] as number;
    }
    const words = this.#words[kind] as string[];
    words[ints[at + 1] as number] = this.#decoder.decode(copy);
    return slotsOf(length);
  }

  #readEntry(slot: number): void {
    const { ints, times } = this.#views;
    const entry = this.#entry;
    const at = slot * slotInts;
    const head = ints[at + entryPlaces.head] as number;
    entry.way = (head >> 8) & 0xff;
    entry.outcome = (head >> 16) & 0xff;
    const subject = ints[at + entryPlaces.subject] as number;
    entry.organizationId = subject & 0xffff;
    entry.typeId = subject >>> 16;
    entry.atMs = times[slot * (slotInts / 2) + timePlace] as number;
    for (let kind = 0; kind < wordKinds.length; kind += 1) {
      const number = ints[at + entryPlaces.words + kind] as number;
      entry.texts[kind] = number === 0 ? '' : ((this.#words[kind] as string[])[number] as string);
    }
    for (let word = 0; word < 4; word += 1) {
      entry.digest[word] = ints[at + entryPlaces.digest + word] as number;
    }
  }
}
