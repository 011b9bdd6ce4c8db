import { RexaError } from '../../protocol/errors.ts';
import { MAX_TALK_HISTORY_LINES } from '../limits.ts';
import { foldName, isTalkName, NAME_RULE, type RoomEvent, type TalkMessage } from './messages.ts';

/** A member of a room. */
export interface Seat {
  readonly name: string;
  readonly who: Who;
}

/** Who a member is, whatever its name is now. */
export interface Who {
  /** The name that it gets, if it is free; a second one of it is `base-2`. */
  readonly base: string;
  /** For those who ask: the key, or the user. */
  readonly proof: string;
}

/**
 * A place where members talk, as a pure state machine: who is there, by which name, and the one order of what all get. What
 * is returned has to be passed on to every seat of `seats` at once, before the next call.
 *
 * A room is open always, keeps its last lines, and a member leaves it once it says no more. A pair is two members: it opens
 * when both are there, keeps nothing, each end of input is a half-close, and it is over with the second one, or once one
 * of them has left.
 */
export interface Room {
  readonly seats: ReadonlySet<Seat>;
  /** The last lines. */
  readonly history: readonly TalkMessage[];
  readonly state: RoomState;
  /** `renamed`: who has lost a name that is the new member's by its login; these events are for the others, and come first. */
  enter(
    who: Who,
    atMs: number,
  ): { readonly seat: Seat; readonly renamed: readonly RoomEvent[]; readonly event: RoomEvent };
  say(seat: Seat, kind: TalkMessage['kind'], text: string, atMs: number): RoomEvent;
  /** @throws RexaError TALK_NAME_REFUSED, CLOSED */
  rename(seat: Seat, name: string, atMs: number): RoomEvent;
  /** A member says no more. Null: it said so before. */
  finish(seat: Seat, atMs: number): RoomEvent | null;
  /** A member is gone. Null: it was gone before. @param reason null: it left by itself */
  leave(seat: Seat, reason: string | null, atMs: number): RoomEvent | null;
}

export type RoomKind = 'room' | 'pair';

/** `waiting`: nobody is heard yet; `over`: nobody is heard any more. */
export type RoomState = 'waiting' | 'open' | 'over';

const PAIR_SEATS = 2;

interface OwnSeat extends Seat {
  name: string;
  /** Folded, as names are compared. */
  folded: string;
  /** The base, folded. */
  readonly base: string;
}

/** @param mark the first character of all names: `~` for those who have not logged in */
export function createRoom(kind: RoomKind, mark: '' | '~' = ''): Room {
  const seats = new Set<OwnSeat>();
  const finished = new Set<Seat>();
  const history: TalkMessage[] = [];
  let state: RoomState = kind === 'pair' ? 'waiting' : 'open';
  let n = 0;

  /** Whether a member has it, or would get it back, or another client of its principal would get it. */
  function isTaken(folded: string, by: OwnSeat | null): boolean {
    for (const seat of seats) {
      if (seat === by) continue;
      if (seat.folded === folded) return true;
      if (seat.who.base === by?.who.base) continue;
      if (seat.base === folded) return true;
      if (by !== null && isNameOf(seat.base, folded) && !isNameOf(by.base, folded)) return true;
    }
    return false;
  }

  /** Those who have not logged in are numbered from 1, the others from the second one. */
  function findFree(base: string, by: OwnSeat | null): string {
    for (let number = 1; ; number++) {
      const name = number === 1 && mark === '' ? base : `${base}-${number}`;
      if (!isTaken(foldName(name), by)) return name;
    }
  }

  function change(seat: OwnSeat, to: string, atMs: number): RoomEvent {
    const { name } = seat;
    seat.name = to;
    seat.folded = foldName(to);
    return { kind: 'renamed', n: ++n, at: atMs, name, to };
  }

  /** Gives members that have taken a name of this principal the name of their own. */
  function reclaim(base: string, atMs: number): RoomEvent[] {
    return [...seats]
      .filter((seat) => isNameOf(base, seat.folded) && !isNameOf(seat.base, seat.folded))
      .map((seat) => change(seat, findFree(seat.who.base, seat), atMs));
  }

  function find(seat: Seat): OwnSeat | null {
    for (const own of seats) if (own === seat) return own;
    return null;
  }

  return {
    seats,
    history,
    get state() {
      return state;
    },
    enter(who, atMs) {
      const base = foldName(who.base);
      const renamed = reclaim(base, atMs);
      const name = findFree(who.base, null);
      const seat: OwnSeat = { name, folded: foldName(name), base, who };
      seats.add(seat);
      if (kind === 'pair' && seats.size === PAIR_SEATS) state = 'open';
      return { seat, renamed, event: { kind: 'entered', n: ++n, at: atMs, name: seat.name } };
    },
    say({ name }, said, text, atMs) {
      const message: TalkMessage = { kind: said, at: atMs, name, text };
      if (kind === 'room') {
        history.push(message);
        if (history.length > MAX_TALK_HISTORY_LINES) history.shift();
      }
      return { ...message, n: ++n };
    },
    rename(seat, wanted, atMs) {
      const to = `${mark}${wanted.normalize('NFC').replace(/^~+/, '')}`;
      if (!isTalkName(to)) throw new RexaError('TALK_NAME_REFUSED', [wanted, NAME_RULE]);
      const own = find(seat);
      if (own === null) throw new RexaError('CLOSED', ['conversation']);
      if (isTaken(foldName(to), own))
        throw new RexaError('TALK_NAME_REFUSED', [wanted, 'somebody here has it']);
      return change(own, to, atMs);
    },
    finish(seat, atMs) {
      if (kind === 'room') return this.leave(seat, null, atMs);
      if (find(seat) === null || finished.has(seat)) return null;
      finished.add(seat);
      if (finished.size === PAIR_SEATS) state = 'over';
      return { kind: 'finished', n: ++n, at: atMs, name: seat.name };
    },
    leave(seat, reason, atMs) {
      const own = find(seat);
      if (own === null) return null;
      seats.delete(own);
      if (kind === 'pair') state = 'over';
      return { kind: 'left', n: ++n, at: atMs, name: seat.name, reason };
    },
  };
}

/** Whether the clients of a principal are given such a name: its base, or the base and a number. */
function isNameOf(base: string, name: string): boolean {
  return name === base || (name.startsWith(`${base}-`) && /^\d+$/.test(name.slice(base.length + 1)));
}
