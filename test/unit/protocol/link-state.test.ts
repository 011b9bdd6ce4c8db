import { describe, expect, it } from 'vitest';
import { type LinkState, type LinkStep, nextLinkState } from '../../../src/protocol/link-state.ts';

const STEPS: readonly LinkStep[] = [
  'peer-hello',
  'peer-login',
  'own-choice',
  'own-admission',
  'own-goodbye',
  'peer-goodbye',
  'end',
];

/** The columns are STEPS, in order; docs/protocol.md, 3. */
const TABLE: readonly (readonly [LinkState, ...(LinkState | null)[]])[] = [
  ['greeting', 'open', 'judging', null, null, 'leaving', 'left', 'over'],
  ['judging', null, null, 'choosing', 'open', 'leaving', null, 'over'],
  ['choosing', null, 'judging', null, null, 'leaving', 'left', 'over'],
  ['open', null, null, null, null, 'leaving', 'left', 'over'],
  ['leaving', null, null, null, null, null, null, 'over'],
  ['left', null, null, null, null, null, null, 'over'],
  ['over', null, null, null, null, null, null, null],
];

describe('the states of a link', () => {
  const rows = TABLE.flatMap(([state, ...nexts]) =>
    STEPS.map((step, at) => [state, step, nexts[at]] as const),
  );
  it.each(rows)('%s, %s: %s', (state, step, next) => {
    expect(nextLinkState(state, step)).toBe(next);
  });
});
