import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createReplay } from '../../../src/protocol/resumable-replay.ts';
import { createWorld, findStuck, MAX_WRITE_BYTES } from '../../fixtures/protocol/mux-world.ts';
import { side, step, worldSteps } from '../../fixtures/protocol/world-steps.ts';

const bytes = fc.oneof(fc.nat(50), fc.nat(5000), fc.constant(MAX_WRITE_BYTES));
const steps = worldSteps(bytes, [
  step(6, 'cut', { keptUp: fc.nat(10), keptDown: fc.nat(10) }),
  step(2, 'acknowledge', { side }),
]);

describe('two muxes whose connections are cut', () => {
  it('keep every byte, in order and within the credit, and get nobody stuck', () => {
    fc.assert(
      fc.property(steps, fc.option(fc.nat(5)), (turns, rttMs) => {
        const world = createWorld(rttMs, () => createReplay());
        world.step({ kind: 'open', side: 'client', streams: 7 });
        for (const turn of turns) world.step(turn);
        world.settle();
        world.step({ kind: 'cut', keptUp: 0, keptDown: 0 });
        world.settle();
        expect(findStuck(world)).toEqual([]);
        world.closeAll();
        expect(findStuck(world)).toEqual([]);
        expect([world.muxes.client.channelCount, world.muxes.daemon.channelCount]).toEqual([0, 0]);
      }),
      { numRuns: 300 },
    );
  });
});
