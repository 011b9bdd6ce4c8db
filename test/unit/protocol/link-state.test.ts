import { describe, expect, it } from 'vitest';
import { isAlive, type LinkState, type LinkStep, nextLinkState } from '../../../src/protocol/link-state.ts';

const STEPS: readonly LinkStep[] = ['loss', 're-attachment', 'refusal', 'farewell', 'giving-up'];

/** The columns are STEPS, in order; docs/protocol.md, 8. */
const TABLE: readonly (readonly [LinkState, ...(LinkState | null)[]])[] = [
  ['attached', 'detached', 'attached', 'refused', 'over', 'over'],
  ['detached', null, 'attached', 'refused', 'over', 'over'],
  ['refused', null, null, null, null, null],
  ['over', null, null, null, null, null],
];

describe('the states of a link', () => {
  const rows = TABLE.flatMap(([state, ...nexts]) =>
    STEPS.map((step, at) => [state, step, nexts[at]] as const),
  );
  it.each(rows)('%s, %s: %s', (state, step, next) => {
    expect(nextLinkState(state, step)).toBe(next);
  });

  it('is alive with a connection and without one, and in no other way', () => {
    expect(TABLE.map(([state]) => isAlive(state))).toEqual([true, true, false, false]);
  });
});
