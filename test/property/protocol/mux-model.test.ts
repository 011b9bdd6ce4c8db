import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createWorld, findStuck, MAX_WRITE_BYTES } from '../../fixtures/protocol/mux-world.ts';
import { step, worldSteps } from '../../fixtures/protocol/world-steps.ts';

const bytes = fc.oneof(fc.nat(50), fc.nat(5000), fc.nat(MAX_WRITE_BYTES), fc.constant(MAX_WRITE_BYTES));
const steps = worldSteps(bytes, [step(2, 'wait', { ms: fc.nat(5) })]);

describe('two muxes, whatever their users and the network do', () => {
  it('keep every byte, in order and within the credit, get nobody stuck, and give all budgets back', () => {
    fc.assert(
      fc.property(steps, fc.option(fc.nat(5)), (turns, rttMs) => {
        const world = createWorld(rttMs);
        world.step({ kind: 'open', side: 'client', streams: 7 });
        const full = world.budgets.client.freeBytes;
        for (const turn of turns) world.step(turn);
        world.settle();
        expect(findStuck(world)).toEqual([]);
        world.closeAll();
        expect(findStuck(world)).toEqual([]);
        expect([world.muxes.client.channelCount, world.muxes.daemon.channelCount]).toEqual([0, 0]);
        expect([world.budgets.client.freeBytes, world.budgets.daemon.freeBytes]).toEqual([full, full]);
        expect([world.muxes.client.hasOutput, world.muxes.daemon.hasOutput]).toEqual([false, false]);
      }),
      { numRuns: 300 },
    );
  });
});
