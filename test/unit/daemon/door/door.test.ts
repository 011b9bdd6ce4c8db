import { describe, expect, it } from 'vitest';
import { createDoor, type Door, type Stage, type VisitorId } from '../../../../src/daemon/door/door.ts';
import { DOOR_FIRST_PENALTY_MS, DOOR_FRESH_MS, DOOR_SLOTS } from '../../../../src/daemon/limits.ts';
import { HELLO_TIMEOUT_MS } from '../../../../src/protocol/limits.ts';

function enter(door: Door, address: string, nowMs: number): VisitorId {
  const knock = door.knock(address, nowMs);
  if (knock.kind !== 'admitted') throw new Error(`${address} is shut out`);
  return knock.visitor;
}

/** Who is there: a name, where it comes from, when it came, and how far it has come at which time. */
type Guest = readonly [name: string, address: string, arrivedMs: number, stage?: Stage, sinceMs?: number];

/** Who has to leave when one more comes to a door that these have filled. */
function findEvicted(guests: readonly Guest[], address: string, nowMs: number): string | undefined {
  const door = createDoor(guests.length);
  const names = new Map<VisitorId, string>();
  for (const [name, from, arrivedMs, stage, sinceMs] of guests) {
    const id = enter(door, from, arrivedMs);
    names.set(id, name);
    if (stage) door.advance(id, stage, sinceMs ?? arrivedMs);
  }
  const knock = door.knock(address, nowMs);
  return knock.kind === 'admitted' && knock.evicted !== null ? names.get(knock.evicted) : undefined;
}

const [A, B, C] = ['198.51.100.1', '198.51.100.2', '198.51.100.3'] as const;
const LATER = 5_000;

describe('a full door', () => {
  it.each<[string, readonly Guest[], string]>([
    [
      'the only source there is',
      [
        ['a1', A, 0],
        ['a2', A, 1],
      ],
      'a1',
    ],
    [
      'the source that holds most',
      [
        ['b', B, 0],
        ['a1', A, 1],
        ['a2', A, 2],
      ],
      'a1',
    ],
    [
      'the connection that has come least far, though it is younger',
      [
        ['a1', A, 0, 'secured', 5],
        ['a2', A, 1],
      ],
      'a2',
    ],
    [
      'one that is secured before one whose key is chosen',
      [
        ['a1', A, 0, 'chosen', 9],
        ['a2', A, 1, 'secured', 8],
      ],
      'a2',
    ],
    [
      'among equals the one that has not moved for longest',
      [
        ['a1', A, 0, 'secured', 9],
        ['a2', A, 1, 'secured', 8],
      ],
      'a2',
    ],
    [
      'not the one that has moved just now, though it has come less far',
      [
        ['a1', A, 0, 'secured', 5],
        ['a2', A, LATER - DOOR_FRESH_MS + 1],
      ],
      'a1',
    ],
    [
      'one that is fresh where all are',
      [
        ['a1', A, LATER - 2],
        ['a2', A, LATER - 1],
      ],
      'a1',
    ],
    [
      'nobody of a source that holds less, however little it has done',
      [
        ['b', B, 0],
        ['a1', A, 1, 'chosen', 2],
        ['a2', A, 1, 'chosen', 3],
      ],
      'a1',
    ],
    [
      'addresses of one IPv6 network as one source',
      [
        ['b', B, 0],
        ['v1', '2001:db8::1', 1],
        ['v2', '2001:db8::2', 2],
      ],
      'v1',
    ],
    [
      'IPv4 inside IPv6 as IPv4',
      [
        ['b', B, 0],
        ['a1', A, 1],
        ['a2', `::ffff:${A}`, 2],
      ],
      'a1',
    ],
  ])('takes %s', (_what, guests, evicted) => {
    expect(findEvicted(guests, C, LATER)).toBe(evicted);
  });

  it('lets a good client through a flood from elsewhere, and from its own source', () => {
    for (const good of [A, B]) {
      const door = createDoor();
      let nowMs = 0;
      for (let count = 0; count < 2 * DOOR_SLOTS; count++) door.knock('127.0.0.1', nowMs++);
      const client = enter(door, good === A ? A : '127.0.0.1', nowMs);
      const evicted: (VisitorId | null)[] = [];
      const knock = (): void => {
        const knocked = door.knock('127.0.0.1', nowMs++);
        if (knocked.kind === 'admitted') evicted.push(knocked.evicted);
      };
      for (let count = 0; count < DOOR_SLOTS / 2; count++) knock();
      door.advance(client, 'secured', nowMs);
      for (let count = 0; count < DOOR_SLOTS / 2; count++) knock();
      expect(evicted).not.toContain(client);
    }
  });

  it('never holds more than its slots', () => {
    const door = createDoor(4);
    for (let count = 0; count < 20; count++) door.knock(`198.51.100.${count}`, count);
    expect(door.visitorCount).toBe(4);
  });

  it('has room again when somebody has logged in', () => {
    const door = createDoor(1);
    door.leave(enter(door, A, 0), 'logged-in', 1);
    expect(door.knock(B, 2)).toMatchObject({ kind: 'admitted', evicted: null });
  });
});

describe('the time at the door', () => {
  it('is the same for all, from the connection on, whatever they do', () => {
    const door = createDoor();
    const first = enter(door, A, 0);
    const second = enter(door, B, 1);
    door.advance(first, 'chosen', HELLO_TIMEOUT_MS - 1);
    expect(door.nextDeadlineMs).toBe(HELLO_TIMEOUT_MS);
    expect(door.expire(HELLO_TIMEOUT_MS - 1)).toEqual([]);
    expect(door.expire(HELLO_TIMEOUT_MS)).toEqual([first]);
    expect(door.expire(HELLO_TIMEOUT_MS + 1)).toEqual([second]);
    expect(door.nextDeadlineMs).toBeNull();
  });
});

describe('what connections come to', () => {
  it('shuts a source out, and is told once', () => {
    const door = createDoor();
    for (let count = 0; count < 6; count++) door.leave(enter(door, A, 0), 'refused', 0);
    expect(door.knock(A, 1)).toEqual({ kind: 'shut-out', source: A, untilMs: DOOR_FIRST_PENALTY_MS });
    expect(door.knock(B, 1).kind).toBe('admitted');
    expect([door.pollShutOut(), door.pollShutOut()]).toEqual([
      { source: A, untilMs: DOOR_FIRST_PENALTY_MS },
      null,
    ]);
    expect(door.knock(A, DOOR_FIRST_PENALTY_MS).kind).toBe('admitted');
  });

  it.each(['127.0.0.1', '::1', '::ffff:127.0.0.1'])('is never held against %s', (address) => {
    const door = createDoor();
    for (let count = 0; count < 100; count++) door.leave(enter(door, address, 0), 'refused', 0);
    expect(door.knock(address, 1).kind).toBe('admitted');
  });

  it('is nothing bad where it was a login', () => {
    const door = createDoor();
    for (let count = 0; count < 1000; count++) door.leave(enter(door, A, 0), 'logged-in', 0);
    expect(door.knock(A, 1).kind).toBe('admitted');
  });

  it('is counted once for each connection', () => {
    const door = createDoor();
    const visitor = enter(door, A, 0);
    for (let count = 0; count < 100; count++) door.leave(visitor, 'refused', 0);
    expect(door.knock(A, 1).kind).toBe('admitted');
  });

  it('is booked for those that are evicted and those that are late, too', () => {
    const late = createDoor();
    for (let count = 0; count < 3; count++) enter(late, A, 0);
    late.expire(HELLO_TIMEOUT_MS);
    expect(late.knock(A, HELLO_TIMEOUT_MS).kind).toBe('shut-out');
    const flooded = createDoor(1);
    for (let count = 0; count < 31; count++) flooded.knock(A, 0);
    expect(flooded.knock(A, 0).kind).toBe('shut-out');
  });
});
