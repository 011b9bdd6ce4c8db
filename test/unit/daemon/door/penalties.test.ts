import { describe, expect, it } from 'vitest';
import { createPenalties, type Offence } from '../../../../src/daemon/door/penalties.ts';
import {
  DOOR_FIRST_PENALTY_MS,
  DOOR_OFFENCE_MS,
  DOOR_PATIENCE_MS,
  DOOR_PENALTY_MEMORY_MS,
  MAX_DOOR_PENALTY_MS,
  MAX_PENALIZED_SOURCES,
} from '../../../../src/daemon/limits.ts';

/** Offends until the source is shut out; gives when that ends, and how often it took. */
function offend(
  penalties: ReturnType<typeof createPenalties>,
  source: string,
  offence: Offence,
  nowMs: number,
) {
  for (let times = 1; ; times++) {
    const untilMs = penalties.book(source, offence, nowMs);
    if (untilMs !== null) return { lengthMs: untilMs - nowMs, times };
  }
}

describe('penalties', () => {
  it.each<[Offence, number]>([
    ['left', 30],
    ['evicted', 30],
    ['nonsense', 6],
    ['refused', 6],
    ['too-late', 3],
  ])('shut a source out after so many that %s: %i', (offence, times) => {
    expect(offend(createPenalties(), 'a', offence, 0)).toEqual({ lengthMs: DOOR_FIRST_PENALTY_MS, times });
  });

  it('concern their source alone', () => {
    const penalties = createPenalties();
    offend(penalties, 'a', 'refused', 0);
    expect([penalties.shutOutUntil('a', 1), penalties.shutOutUntil('b', 1)]).toEqual([
      DOOR_FIRST_PENALTY_MS,
      null,
    ]);
  });

  it('run off, so that who is slow about it is never shut out', () => {
    const penalties = createPenalties();
    for (let count = 0; count < 1000; count++)
      expect(penalties.book('a', 'refused', count * DOOR_OFFENCE_MS.refused)).toBeNull();
  });

  it('expire', () => {
    const penalties = createPenalties();
    offend(penalties, 'a', 'refused', 0);
    expect(penalties.shutOutUntil('a', DOOR_FIRST_PENALTY_MS - 1)).toBe(DOOR_FIRST_PENALTY_MS);
    expect(penalties.shutOutUntil('a', DOOR_FIRST_PENALTY_MS)).toBeNull();
    expect(penalties.book('a', 'refused', DOOR_FIRST_PENALTY_MS)).toBeNull();
  });

  it('double each time, up to a cap', () => {
    const penalties = createPenalties();
    const lengths: number[] = [];
    let nowMs = 0;
    for (let round = 0; round < 8; round++) {
      const { lengthMs } = offend(penalties, 'a', 'nonsense', nowMs);
      lengths.push(lengthMs);
      nowMs += lengthMs;
    }
    const first = DOOR_FIRST_PENALTY_MS;
    expect(lengths).toEqual([
      first,
      2 * first,
      4 * first,
      8 * first,
      16 * first,
      32 * first,
      MAX_DOOR_PENALTY_MS,
      MAX_DOOR_PENALTY_MS,
    ]);
  });

  it('are forgotten after a long time without an offence', () => {
    const penalties = createPenalties();
    offend(penalties, 'a', 'refused', 0);
    const laterMs = DOOR_FIRST_PENALTY_MS + DOOR_PENALTY_MEMORY_MS;
    expect(offend(penalties, 'a', 'refused', laterMs).lengthMs).toBe(DOOR_FIRST_PENALTY_MS);
  });

  it('do not grow by what was under way when the source was shut out', () => {
    const penalties = createPenalties();
    offend(penalties, 'a', 'refused', 0);
    for (let count = 0; count < 100; count++) expect(penalties.book('a', 'too-late', 1)).toBeNull();
    expect(penalties.shutOutUntil('a', 2)).toBe(DOOR_FIRST_PENALTY_MS);
  });

  it('forget the source whose last offence is oldest when there are too many', () => {
    const penalties = createPenalties();
    offend(penalties, 'first', 'refused', 0);
    offend(penalties, 'second', 'refused', 0);
    for (let count = 0; count < MAX_PENALIZED_SOURCES - 1; count++) penalties.book(`${count}`, 'left', 1);
    expect([penalties.shutOutUntil('first', 2), penalties.shutOutUntil('second', 2)]).toEqual([
      null,
      DOOR_FIRST_PENALTY_MS,
    ]);
  });

  it('need more than a moment of patience', () => {
    expect(DOOR_PATIENCE_MS).toBeGreaterThan(DOOR_OFFENCE_MS['too-late']);
  });
});
