import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDoor, type Stage, type VisitorId } from '../../../src/daemon/door/door.ts';
import { MAX_DOOR_PENALTY_MS } from '../../../src/daemon/limits.ts';
import { HELLO_TIMEOUT_MS } from '../../../src/protocol/limits.ts';

const SLOTS = 5;
const ADDRESSES = [
  '198.51.100.1',
  '198.51.100.2',
  '::ffff:198.51.100.2',
  '2001:db8::1',
  '2001:db8::2',
  '127.0.0.1',
];
/** The addresses above that are one source. */
const SOURCES: Readonly<Record<string, string>> = {
  '::ffff:198.51.100.2': '198.51.100.2',
  '2001:db8::2': '2001:db8::1',
};
const sourceOf = (address: string): string => SOURCES[address] ?? address;

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('knock' as const), address: fc.constantFrom(...ADDRESSES) }),
  },
  fc.record({
    kind: fc.constant('advance' as const),
    which: fc.nat(),
    stage: fc.constantFrom<Stage>('secured', 'chosen'),
  }),
  fc.record({
    kind: fc.constant('leave' as const),
    which: fc.nat(),
    how: fc.constantFrom('logged-in' as const, 'left' as const, 'nonsense' as const, 'refused' as const),
  }),
  fc.record({ kind: fc.constant('wait' as const), ms: fc.nat({ max: 2 * HELLO_TIMEOUT_MS }) }),
);

type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** A door, and who is there by our own count: every step is judged by it. */
function createModel() {
  const door = createDoor(SLOTS);
  const there = new Map<VisitorId, { readonly source: string; readonly atMs: number }>();
  let nowMs = 0;

  function held(source: string): number {
    return [...there.values()].filter((each) => each.source === source).length;
  }

  function wait(ms: number): void {
    nowMs += ms;
    for (const id of door.expire(nowMs)) {
      expect(nowMs - (there.get(id)?.atMs ?? nowMs)).toBeGreaterThanOrEqual(HELLO_TIMEOUT_MS);
      there.delete(id);
    }
    for (const { atMs } of there.values()) expect(nowMs - atMs).toBeLessThan(HELLO_TIMEOUT_MS);
  }

  function evict(id: VisitorId): void {
    const most = Math.max(...[...there.values()].map(({ source }) => held(source)));
    expect(held(there.get(id)?.source ?? '')).toBe(most);
    there.delete(id);
  }

  function knock(address: string): void {
    const source = sourceOf(address);
    const knocked = door.knock(address, nowMs);
    if (knocked.kind === 'shut-out') {
      expect(source).not.toBe('127.0.0.1');
      expect(knocked.untilMs - nowMs).toBeLessThanOrEqual(MAX_DOOR_PENALTY_MS);
      return;
    }
    expect(knocked.evicted !== null).toBe(there.size === SLOTS);
    if (knocked.evicted !== null) evict(knocked.evicted);
    there.set(knocked.visitor, { source, atMs: nowMs });
  }

  function visitorAt(which: number): VisitorId {
    return [...there.keys()][which % Math.max(1, there.size)] ?? 0;
  }

  function take(each: Step): void {
    switch (each.kind) {
      case 'wait':
        return wait(each.ms);
      case 'knock':
        return knock(each.address);
      case 'advance':
        return door.advance(visitorAt(each.which), each.stage, nowMs);
      case 'leave': {
        const id = visitorAt(each.which);
        door.leave(id, each.how, nowMs);
        there.delete(id);
        return;
      }
      default:
        return each satisfies never;
    }
  }

  return {
    take(each: Step): void {
      take(each);
      expect([door.visitorCount, there.size <= SLOTS]).toEqual([there.size, true]);
      expect(door.nextDeadlineMs === null).toBe(there.size === 0);
    },
  };
}

describe('a door, whatever comes to it', () => {
  it('keeps its slots, takes the newcomer in, and lets go only of the source that holds most', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const model = createModel();
        for (const each of steps) model.take(each);
      }),
    );
  });
});
