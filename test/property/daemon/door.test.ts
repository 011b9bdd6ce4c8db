import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDoor, type Stage, type VisitorId } from '../../../src/daemon/door/door.ts';
import { HELLO_TIMEOUT_MS, MAX_DOOR_PENALTY_MS } from '../../../src/protocol/limits.ts';

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

describe('a door, whatever comes to it', () => {
  it('keeps its slots, takes the newcomer in, and lets go only of the source that holds most', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const door = createDoor(SLOTS);
        /** Who is there, by our own count. */
        const there = new Map<VisitorId, { readonly source: string; readonly atMs: number }>();
        let nowMs = 0;
        const held = (source: string): number =>
          [...there.values()].filter((each) => each.source === source).length;
        for (const each of steps) {
          if (each.kind === 'wait') {
            nowMs += each.ms;
            for (const id of door.expire(nowMs)) {
              expect(nowMs - (there.get(id)?.atMs ?? nowMs)).toBeGreaterThanOrEqual(HELLO_TIMEOUT_MS);
              there.delete(id);
            }
            for (const { atMs } of there.values()) expect(nowMs - atMs).toBeLessThan(HELLO_TIMEOUT_MS);
          } else if (each.kind === 'knock') {
            const source = sourceOf(each.address);
            const knock = door.knock(each.address, nowMs);
            if (knock.kind === 'shut-out') {
              expect(source).not.toBe('127.0.0.1');
              expect(knock.untilMs - nowMs).toBeLessThanOrEqual(MAX_DOOR_PENALTY_MS);
              continue;
            }
            expect(knock.evicted !== null).toBe(there.size === SLOTS);
            if (knock.evicted !== null) {
              const most = Math.max(...[...there.values()].map((one) => held(one.source)));
              expect(held(there.get(knock.evicted)?.source ?? '')).toBe(most);
              there.delete(knock.evicted);
            }
            there.set(knock.visitor, { source, atMs: nowMs });
          } else {
            const id = [...there.keys()][each.which % Math.max(1, there.size)];
            if (id === undefined) continue;
            if (each.kind === 'advance') door.advance(id, each.stage, nowMs);
            else {
              door.leave(id, each.how, nowMs);
              there.delete(id);
            }
          }
          expect([door.visitorCount, door.visitorCount <= SLOTS]).toEqual([there.size, true]);
          expect(door.nextDeadlineMs === null).toBe(there.size === 0);
        }
      }),
    );
  });
});
