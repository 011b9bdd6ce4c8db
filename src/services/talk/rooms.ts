import type { Principal } from '../../auth/principal.ts';
import type { Bill } from '../service.ts';
import { createHub, type Hub } from './hub.ts';
import { foldName } from './messages.ts';
import { createRoom } from './room.ts';
import type { OpenTranscript, Transcript } from './transcripts.ts';

/** All that is talked about at a daemon: its rooms, and the conversations of two. */
export interface Rooms {
  /** @throws RexaError QUOTA_EXHAUSTED for a new room of a principal that has as many as it may */
  room(name: string, principal: Principal): Hub;
  /** A conversation of these two: one in which the other waits, or a new one. */
  pair(own: string, other: string): Hub;
  /** To be called when a member has left. */
  handleLeft(hub: Hub): void;
  /** All that have members. */
  open(): Iterable<Hub>;
}

/** A room that was entered once; it is kept without members, for its last lines. */
interface KeptRoom {
  readonly hub: Hub;
  readonly owner: string;
  readonly bill: Bill;
}

/** @param charge takes what a room costs its first member @throws RexaError QUOTA_EXHAUSTED */
export function createRooms(charge: (principal: Principal) => Bill, openTranscript: OpenTranscript): Rooms {
  /** In the order of their last use. */
  const rooms = new Map<string, KeptRoom>();
  /** With both names, folded as those of members are. */
  const pairs = new Map<Hub, { readonly own: string; readonly other: string }>();
  const transcripts = new WeakMap<Hub, Transcript>();

  function open(kind: 'room' | 'pair', name: string): Hub {
    const transcript = openTranscript(name);
    const hub = createHub(createRoom(kind), transcript.record);
    transcripts.set(hub, transcript);
    return hub;
  }

  /**
   * Makes a room, if need be in place of rooms without members: of this principal, or if it has none, of the one with most.
   * @throws RexaError QUOTA_EXHAUSTED
   */
  function makeRoom(name: string, principal: Principal): KeptRoom {
    const owner = principal.name;
    const hasRooms = [...rooms.values()].some((room) => room.owner === owner);
    for (;;) {
      try {
        const bill = charge(principal);
        return { hub: open('room', name), owner, bill };
      } catch (error) {
        const left = findLeft(hasRooms ? owner : null);
        if (left === null) throw error;
        rooms.get(left)?.bill.giveBack();
        rooms.delete(left);
      }
    }
  }

  /** Finds the room without members that was left longest ago. @param owner null: of whoever has most of them */
  function findLeft(owner: string | null): string | null {
    const left = Map.groupBy(
      [...rooms].filter(([, { hub }]) => hub.memberCount === 0),
      ([, room]) => room.owner,
    );
    const [most = []] = [...left.values()].toSorted((some, others) => others.length - some.length);
    const [oldest] = owner === null ? most : (left.get(owner) ?? []);
    return oldest?.[0] ?? null;
  }

  return {
    room(name, principal) {
      const key = name.toLowerCase();
      const found = rooms.get(key) ?? makeRoom(key, principal);
      rooms.delete(key);
      rooms.set(key, found);
      return found.hub;
    },
    pair(ownName, otherName) {
      const [own, other] = [foldName(ownName), foldName(otherName)];
      for (const [hub, names] of pairs)
        if (hub.room.state === 'waiting' && names.own === other && names.other === own) return hub;
      const hub = open('pair', [own, other].toSorted().join('+'));
      pairs.set(hub, { own, other });
      return hub;
    },
    handleLeft(hub) {
      if (hub.memberCount > 0) return;
      transcripts.get(hub)?.pause();
      pairs.delete(hub);
    },
    *open() {
      for (const { hub } of rooms.values()) if (hub.memberCount > 0) yield hub;
      yield* pairs.keys();
    },
  };
}
