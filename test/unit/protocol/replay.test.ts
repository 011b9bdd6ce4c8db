import { describe, expect, it } from 'vitest';
import { createNullReplay } from '../../../src/protocol/replay.ts';
import { frame } from '../../fixtures/framing/frames.ts';
import { describeReplayLayer } from './replay-conformance.ts';

describeReplayLayer('the empty one', createNullReplay);

describe('the empty replay layer', () => {
  it('keeps nothing, ever', () => {
    const layer = createNullReplay();
    for (let at = 0; at < 100; at++) layer.handleOutgoing(frame(0x20, 1, 'abc'));
    expect([layer.keptBytes, layer.pollFrame()]).toEqual([0, null]);
  });
});
