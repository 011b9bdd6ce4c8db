import { describe, expect, it } from 'vitest';
import {
  type ConnectionState,
  type ConnectionStep,
  nextConnectionState,
} from '../../../src/protocol/connection-state.ts';

const STEPS: readonly ConnectionStep[] = [
  'peer-hello',
  'peer-login',
  'own-choice',
  'own-admission',
  'link-known',
  'own-goaway',
  'peer-goaway',
  'end',
];

/** The columns are STEPS, in order; docs/protocol.md, 3. */
const TABLE: readonly (readonly [ConnectionState, ...(ConnectionState | null)[]])[] = [
  ['greeting', 'attaching', 'judging', null, null, null, 'leaving', 'left', 'over'],
  ['judging', null, null, 'choosing', 'attaching', null, 'leaving', null, 'over'],
  ['choosing', null, 'judging', null, null, null, 'leaving', 'left', 'over'],
  ['attaching', null, null, null, null, 'open', 'leaving', 'left', 'over'],
  ['open', null, null, null, null, null, 'leaving', 'left', 'over'],
  ['leaving', null, null, null, null, null, null, null, 'over'],
  ['left', null, null, null, null, null, null, null, 'over'],
  ['over', null, null, null, null, null, null, null, null],
];

describe('the states of a connection', () => {
  const rows = TABLE.flatMap(([state, ...nexts]) =>
    STEPS.map((step, at) => [state, step, nexts[at]] as const),
  );
  it.each(rows)('%s, %s: %s', (state, step, next) => {
    expect(nextConnectionState(state, step)).toBe(next);
  });
});
