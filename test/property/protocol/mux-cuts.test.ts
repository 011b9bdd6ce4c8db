import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createReplay } from '../../../src/protocol/resumable-replay.ts';
import {
  createWorld,
  findStuck,
  MAX_WRITE_BYTES,
  type WorldStep,
} from '../../fixtures/protocol/mux-world.ts';

const side = fc.constantFrom('client' as const, 'daemon' as const);
const pick = fc.nat(20);
const bytes = fc.oneof(fc.nat(50), fc.nat(5000), fc.constant(MAX_WRITE_BYTES));
const count = fc.integer({ min: 1, max: 20 });

type Fields<K extends WorldStep['kind']> = Omit<Extract<WorldStep, { kind: K }>, 'kind'>;

function step<K extends WorldStep['kind']>(
  weight: number,
  kind: K,
  rest: { [F in keyof Fields<K>]: fc.Arbitrary<unknown> },
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
    step(6, 'cut', { keptUp: fc.nat(10), keptDown: fc.nat(10) }),
    step(2, 'acknowledge', { side }),
  ),
  { maxLength: 300, size: 'max' },
);

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
