import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createWorld,
  findStuck,
  MAX_WRITE_BYTES,
  type WorldStep,
} from '../../fixtures/protocol/mux-world.ts';

const side = fc.constantFrom('client' as const, 'daemon' as const);
const pick = fc.nat(20);
const bytes = fc.oneof(fc.nat(50), fc.nat(5000), fc.nat(MAX_WRITE_BYTES), fc.constant(MAX_WRITE_BYTES));
const count = fc.integer({ min: 1, max: 20 });

function step<K extends WorldStep['kind']>(
  weight: number,
  kind: K,
  rest: { [F in keyof Omit<Extract<WorldStep, { kind: K }>, 'kind'>]: fc.Arbitrary<unknown> },
) {
  return {
    weight,
    arbitrary: fc.record({ kind: fc.constant(kind), ...rest }) as unknown as fc.Arbitrary<WorldStep>,
  };
}

const steps = fc.array(
  fc.oneof(
    step(1, 'open', { side, streams: fc.nat(7) }),
    step(12, 'write', { side, pick, bytes }),
    step(2, 'end', { side, pick }),
    step(3, 'receive', { side, pick }),
    step(8, 'consume', { side, pick, bytes }),
    step(2, 'message', { side, pick }),
    step(1, 'close', { side, pick }),
    step(1, 'abort', { side, pick }),
    step(10, 'send', { side, count }),
    step(10, 'deliver', { side, count }),
    step(2, 'wait', { ms: fc.nat(5) }),
  ),
  { maxLength: 300, size: 'max' },
);

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
