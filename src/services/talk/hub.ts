import { RexaError } from '../../protocol/errors.ts';
import { type AwakeTimer, startAwakeTimer } from '../../runtime/awake-timer.ts';
import {
  MAX_TALK_WAITING_BYTES,
  TALK_BEHIND_BYTES,
  TALK_BEHIND_MS,
  TALK_BYTES_WHILE_BEHIND,
  TALK_EVENTS_WHILE_BEHIND,
} from '../limits.ts';
import { escapeSaid } from './escape-messages.ts';
import type { RoomEvent, TalkEvent } from './messages.ts';
import type { Outlet } from './outlet.ts';
import type { Room, Seat, Who } from './room.ts';
import { formatTalk } from './text-messages.ts';

/** What all members of a room get, in each of the forms that somebody needs; made once. */
export interface Broadcast {
  readonly event: RoomEvent;
  /** A line of JSON. */
  readonly json: Buffer;
  /** A plain line, with control characters escaped. */
  readonly plain: Buffer;
}

/** The end of a member's connection that is here. */
export interface Member {
  readonly seat: Seat;
  readonly outlet: Outlet;
  /** Passes on what all get. */
  deliver(broadcast: Broadcast): void;
  /** A sentence of the daemon for it alone, in its form. */
  encodeNotice(sentence: string): Buffer;
  /** The room has no place for it any more: its connection ends with this error. */
  cut(error: RexaError): void;
  /** The conversation is over: its connection ends once it has everything. */
  close(): unknown;
}

/** A room with its members: passes on what is said, and keeps those who are slow from holding up the others. */
export interface Hub {
  readonly room: Room;
  readonly memberCount: number;
  /** Whether it is still a member. */
  has(member: Member): boolean;
  /**
   * Resolves when this principal may enter once, null: now. While members are behind, it causes no more than so many events.
   * @param withdrawn resolves when it is not wanted any more
   */
  admit(who: Who, withdrawn: Promise<unknown>): Promise<unknown> | null;
  /** @param create makes its end of the connection; called before anything is passed on to it */
  enter(who: Who, create: (seat: Seat) => Member): Member;
  /** Sends it a line for it alone. */
  tell(member: Member, line: Buffer): void;
  say(member: Member, kind: 'say' | 'act', text: string): void;
  /** @throws RexaError TALK_NAME_REFUSED */
  rename(member: Member, name: string): void;
  finish(member: Member): void;
  /** @param reason null: it left by itself */
  leave(member: Member, reason: string | null): void;
  /**
   * Resolves when the next line of this member, or its end, may be taken once: nobody is heard yet, it is behind, or others
   * are. Null: now.
   */
  ready(member: Member): Promise<void> | null;
  /** To be called when less waits for a member than before. */
  handleProgress(member: Member): void;
  /** Ends it for all members. */
  closeAll(error: RexaError): void;
}

/**
 * Keeps the transcript of a room. @returns what is wrong with it since this event, for the members; null: nothing
 */
export type RecordEvent = (event: RoomEvent) => string | null;

/** @param record is given each event before anybody else */
export function createHub(room: Room, record: RecordEvent): Hub {
  const now = Date.now;
  const members = new Map<Seat, Member>();
  /** Members that have to catch up: the others do not flood the room meanwhile. */
  const behind = new Map<Member, { readonly timer: AwakeTimer; readonly sinceBytes: number }>();
  /** Events that each principal, by its proof, has caused meanwhile, since the last refill. */
  const caused = new Map<string, number>();
  let refilling: AwakeTimer | null = null;
  let passedBytes = 0;
  let waiting: (() => void)[] = [];

  function passOn(event: RoomEvent): void {
    deliver(event);
    for (const member of members.values()) watch(member);
  }

  function deliver(event: RoomEvent): void {
    const problem = record(event);
    const broadcast = makeBroadcast(event);
    if (behind.size > 0) passedBytes += broadcast.json.length;
    for (const member of members.values()) {
      member.deliver(broadcast);
      if (problem !== null) member.outlet.send(member.encodeNotice(problem));
    }
  }

  function watch(member: Member): void {
    const { waitingBytes } = member.outlet;
    if (waitingBytes > MAX_TALK_WAITING_BYTES) return cutSlow(member);
    if (waitingBytes <= TALK_BEHIND_BYTES || behind.has(member)) return;
    const timer = startAwakeTimer(() => cutSlow(member), TALK_BEHIND_MS);
    behind.set(member, { timer, sinceBytes: passedBytes });
    if (refilling === null) refill();
  }

  /** While members are behind all the time, whoever they are, the others are heard again and again. */
  function refill(): void {
    caused.clear();
    refilling?.stop();
    refilling = behind.size === 0 ? null : startAwakeTimer(refill, TALK_BEHIND_MS);
    wake();
  }

  function cutSlow(member: Member): void {
    leave(member, 'too slow, disconnected');
    member.cut(new RexaError('TALK_TOO_SLOW', [member.outlet.waitingBytes]));
  }

  function catchUp(member: Member): void {
    behind.get(member)?.timer.stop();
    if (!behind.delete(member)) return;
    if (behind.size === 0) refill();
    else wake();
  }

  function wake(): void {
    const woken = waiting;
    waiting = [];
    for (const resolve of woken) resolve();
  }

  function mayPass(member: Member): boolean {
    if (room.state === 'waiting' || behind.has(member)) return false;
    // The first one has waited longest
    const [first] = behind.values();
    if (first !== undefined && passedBytes - first.sinceBytes >= TALK_BYTES_WHILE_BEHIND) return false;
    return spend(member.seat.who);
  }

  /** Takes one of the events that a principal may cause while somebody is behind. @returns false: none is left */
  function spend(who: Who): boolean {
    if (behind.size > 0 && (caused.get(who.proof) ?? 0) >= TALK_EVENTS_WHILE_BEHIND) return false;
    count(who);
    return true;
  }

  function count({ proof }: Who): void {
    if (behind.size > 0) caused.set(proof, (caused.get(proof) ?? 0) + 1);
  }

  async function waitUntil(isReady: () => boolean): Promise<void> {
    while (!isReady()) await new Promise<void>((resolve) => waiting.push(resolve));
  }

  function leave(member: Member, reason: string | null): void {
    drop(member);
    const event = room.leave(member.seat, reason, now());
    if (event !== null) {
      // Nobody can be kept from leaving
      count(member.seat.who);
      passOn(event);
    }
    handleState();
  }

  function handleState(): void {
    wake();
    if (room.state !== 'over') return;
    for (const member of members.values()) {
      drop(member);
      member.close();
    }
  }

  function drop(member: Member): void {
    members.delete(member.seat);
    catchUp(member);
  }

  return {
    room,
    get memberCount() {
      return members.size;
    },
    has: ({ seat }) => members.has(seat),
    admit(who, withdrawn) {
      if (spend(who)) return null;
      let state: 'wanted' | 'withdrawn' = 'wanted';
      void withdrawn.then(() => {
        state = 'withdrawn';
      });
      return Promise.race([withdrawn, waitUntil(() => state === 'withdrawn' || spend(who))]);
    },
    enter(who, create) {
      const { seat, renamed, event } = room.enter(who, now());
      for (const each of renamed) deliver(each);
      const member = create(seat);
      members.set(seat, member);
      passOn(event);
      handleState();
      return member;
    },
    tell(member, line) {
      if (!members.has(member.seat)) return;
      member.outlet.send(line);
      watch(member);
    },
    say(member, kind, text) {
      if (!members.has(member.seat)) return;
      passOn(room.say(member.seat, kind, text, now()));
    },
    rename(member, name) {
      if (members.has(member.seat)) passOn(room.rename(member.seat, name, now()));
    },
    finish(member) {
      const event = room.finish(member.seat, now());
      if (!room.seats.has(member.seat)) drop(member);
      if (event !== null) passOn(event);
      handleState();
    },
    leave,
    ready: (member) =>
      mayPass(member) ? null : waitUntil(() => !members.has(member.seat) || mayPass(member)),
    handleProgress(member) {
      if (member.outlet.waitingBytes <= TALK_BEHIND_BYTES) catchUp(member);
    },
    closeAll(error) {
      for (const member of members.values()) {
        const event = room.leave(member.seat, error.message, now());
        if (event !== null) record(event);
        drop(member);
        member.cut(error);
      }
    },
  };
}

function makeBroadcast(event: RoomEvent): Broadcast {
  let json: Buffer | null = null;
  let plain: Buffer | null = null;
  return {
    event,
    get json() {
      json ??= encodeEvent(event);
      return json;
    },
    get plain() {
      plain ??= Buffer.from(`${escapeSaid(formatTalk(event))}\n`);
      return plain;
    },
  };
}

/** A line of JSON. */
export function encodeEvent(event: TalkEvent): Buffer {
  return Buffer.from(`${JSON.stringify(event)}\n`);
}
