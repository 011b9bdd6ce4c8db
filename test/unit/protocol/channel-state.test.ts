import { describe, expect, it } from 'vitest';
import {
  type ChannelState,
  type ChannelStep,
  nextChannelState,
} from '../../../src/protocol/channel-state.ts';

const TABLE: readonly (readonly [ChannelState, ChannelStep, ChannelState | null])[] = [
  ['open', 'close-sent', 'closing'],
  ['open', 'close-received', 'closed-by-peer'],
  ['closing', 'close-sent', null],
  ['closing', 'close-received', 'closed'],
  ['closed-by-peer', 'close-sent', 'closed'],
  ['closed-by-peer', 'close-received', null],
  ['closed', 'close-sent', null],
  ['closed', 'close-received', null],
];

describe('the states of a channel', () => {
  it.each(TABLE)('%s, %s: %s', (state, step, next) => {
    expect(nextChannelState(state, step)).toBe(next);
  });
});
