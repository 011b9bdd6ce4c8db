import { HELLO_TIMEOUT_MS } from '../../protocol/limits.ts';
import { DOOR_FRESH_MS, DOOR_SLOTS } from '../limits.ts';
import { createPenalties, type Offence } from './penalties.ts';
import { type Source, sourceOf } from './source.ts';

/** How far a connection has come on its way to a login; the later, the further. */
const STAGES = ['connected', 'secured', 'chosen'] as const;
export type Stage = (typeof STAGES)[number];

/** A connection that has not logged in yet. */
export type VisitorId = number;

/** What becomes of a new connection. */
export type Knock =
  /** `evicted` has to leave for it: its connection is to be closed. */
  | { readonly kind: 'admitted'; readonly visitor: VisitorId; readonly evicted: VisitorId | null }
  | { readonly kind: 'shut-out'; readonly source: string; readonly untilMs: number };

/** How a connection left the door: in, or an offence of its source. */
export type Departure = 'logged-in' | Exclude<Offence, 'evicted' | 'too-late'>;

/** A source that is shut out from now on. */
export interface ShutOut {
  readonly source: string;
  readonly untilMs: number;
}

/**
 * Everything that is decided about a connection before it has logged in, sans IO. A slot for each connection: when all are
 * taken, the source that holds most of them loses the connection that has come least far. Ten seconds for everything.
 * What came to nothing is booked against its source.
 */
export interface Door {
  /** @param address of the peer, as its socket has it */
  knock(address: string, nowMs: number): Knock;
  /** A connection has come further. */
  advance(visitor: VisitorId, stage: Stage, nowMs: number): void;
  /** A connection has logged in or is gone; one that left before is not counted again. */
  leave(visitor: VisitorId, how: Departure, nowMs: number): void;
  /** Takes out those whose time is over: their connections are to be closed. */
  expire(nowMs: number): VisitorId[];
  readonly nextDeadlineMs: number | null;
  /** A source that was shut out since the last call, for the log; null when there is none. */
  pollShutOut(): ShutOut | null;
  /** Connections that have not logged in. */
  readonly visitorCount: number;
}

interface Visitor {
  readonly id: VisitorId;
  readonly source: Source;
  readonly arrivedMs: number;
  stage: number;
  /** Since when it is at this stage. */
  sinceMs: number;
}

export function createDoor(slots: number = DOOR_SLOTS): Door {
  /** In the order of their arrival. */
  const visitors = new Map<VisitorId, Visitor>();
  const held = new Map<string, number>();
  const penalties = createPenalties();
  const shutOuts: ShutOut[] = [];
  let lastId = 0;

  function remove(visitor: Visitor, offence: Offence | null, nowMs: number): void {
    const { id, source } = visitor;
    visitors.delete(id);
    const left = (held.get(source.name) ?? 0) - 1;
    if (left > 0) held.set(source.name, left);
    else held.delete(source.name);
    if (offence === null || source.isLoopback) return;
    const untilMs = penalties.book(source.name, offence, nowMs);
    if (untilMs !== null) shutOuts.push({ source: source.name, untilMs });
  }

  function evict(nowMs: number): VisitorId | null {
    const most = Math.max(...held.values());
    const candidates = [...visitors.values()].filter(({ source }) => held.get(source.name) === most);
    const victim = candidates.reduce((one, other) => (goesBefore(other, one, nowMs) ? other : one));
    remove(victim, 'evicted', nowMs);
    return victim.id;
  }

  return {
    knock(address, nowMs) {
      const source = sourceOf(address);
      const untilMs = penalties.shutOutUntil(source.name, nowMs);
      if (untilMs !== null) return { kind: 'shut-out', source: source.name, untilMs };
      const evicted = visitors.size < slots ? null : evict(nowMs);
      const id = ++lastId;
      visitors.set(id, { id, source, arrivedMs: nowMs, stage: 0, sinceMs: nowMs });
      held.set(source.name, (held.get(source.name) ?? 0) + 1);
      return { kind: 'admitted', visitor: id, evicted };
    },
    advance(id, stage, nowMs) {
      const visitor = visitors.get(id);
      if (visitor === undefined) return;
      visitor.stage = STAGES.indexOf(stage);
      visitor.sinceMs = nowMs;
    },
    leave(id, how, nowMs) {
      const visitor = visitors.get(id);
      if (visitor !== undefined) remove(visitor, how === 'logged-in' ? null : how, nowMs);
    },
    expire(nowMs) {
      const expired = [...visitors.values()].filter((each) => each.arrivedMs + HELLO_TIMEOUT_MS <= nowMs);
      for (const visitor of expired) remove(visitor, 'too-late', nowMs);
      return expired.map(({ id }) => id);
    },
    get nextDeadlineMs() {
      for (const { arrivedMs } of visitors.values()) return arrivedMs + HELLO_TIMEOUT_MS;
      return null;
    },
    pollShutOut: () => shutOuts.shift() ?? null,
    get visitorCount() {
      return visitors.size;
    },
  };
}

/**
 * Whether one has to leave rather than another: the one that has come less far, then the one that has been there for
 * longer. One that has moved just now is spared while there are others: it may be a good client between two of its
 * steps, which a flood of new connections must not push out.
 */
function goesBefore(one: Visitor, other: Visitor, nowMs: number): boolean {
  const isFresh = (visitor: Visitor): boolean => nowMs - visitor.sinceMs < DOOR_FRESH_MS;
  if (isFresh(one) !== isFresh(other)) return isFresh(other);
  if (one.stage !== other.stage) return one.stage < other.stage;
  return one.sinceMs < other.sinceMs;
}
