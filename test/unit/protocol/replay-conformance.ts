import { describe, expect, it } from 'vitest';
import type { Frame } from '../../../src/framing/frame.ts';
import type { ReplayLayer } from '../../../src/protocol/replay.ts';
import { frame, plain } from '../../fixtures/framing/frames.ts';

const OPEN = frame(0x10, 1, '{}');
const DATA = [frame(0x20, 1, 'a'), frame(0x21, 1, 'b'), frame(0x20, 3, new Uint8Array(65_536).fill(7))];
const CREDIT = frame(0x40, 1, '12345678');
const CLOSE = frame(0x12, 1, '{}');

/** One end of a connection that is not cut. */
interface End {
  readonly layer: ReplayLayer;
  /** What reached this end's channels. */
  readonly passed: Frame[];
}

function arrive(end: End, item: Frame): void {
  const passed = end.layer.handleIncoming(item);
  if (passed) end.passed.push(passed);
}

/** The layers' own frames, both ways, until neither has one. */
function settle(ends: readonly [End, End]): number {
  const MOST = 1000;
  let own = 0;
  for (let moved = true; moved && own < MOST; ) {
    moved = false;
    for (const [from, to] of [ends, ends.toReversed()] as [End, End][]) {
      const item = from.layer.pollFrame();
      if (!item) continue;
      arrive(to, item);
      moved = true;
      own++;
    }
  }
  return own;
}

/** What every replay layer has to do while no connection is lost. */
export function describeReplayLayer(name: string, create: () => ReplayLayer): void {
  const createEnds = (): [End, End] => [
    { layer: create(), passed: [] },
    { layer: create(), passed: [] },
  ];

  function send(from: End, to: End, frames: readonly Frame[]): void {
    for (const item of frames) {
      from.layer.handleOutgoing(item);
      arrive(to, item);
    }
  }

  describe(`the replay layer: ${name}`, () => {
    it('has nothing to say and nothing to keep before a frame has moved', () => {
      const layer = create();
      expect([layer.pollFrame(), layer.keptBytes]).toEqual([null, 0]);
    });

    it('gives the channels every frame once, unchanged and in order, both ways', () => {
      const ends = createEnds();
      const up = [OPEN, ...DATA, CREDIT, CLOSE];
      const down = [CREDIT, ...DATA, CLOSE];
      send(ends[0], ends[1], up);
      send(ends[1], ends[0], down);
      settle(ends);
      expect(ends[1].passed.map(plain)).toEqual(up.map(plain));
      expect(ends[0].passed.map(plain)).toEqual(down.map(plain));
    });

    it('comes to rest: its own frames cause no others without end, and reach no channel', () => {
      const ends = createEnds();
      send(ends[0], ends[1], DATA);
      expect(settle(ends)).toBeLessThan(1000);
      expect(ends[1].passed.map(plain)).toEqual(DATA.map(plain));
      expect(ends[0].passed).toEqual([]);
    });

    it('keeps little for a peer that gets everything, and nothing once it has said so', () => {
      const ends = createEnds();
      for (let round = 0; round < 100; round++) {
        send(ends[0], ends[1], DATA);
        send(ends[1], ends[0], DATA);
        settle(ends);
        // What one acknowledgement may be late by.
        for (const { layer } of ends) expect(layer.keptBytes).toBeLessThan(2 * 1024 * 1024);
      }
      for (const { layer } of ends) layer.acknowledge();
      settle(ends);
      for (const { layer } of ends) expect(layer.keptBytes).toBe(0);
    });

    it('does not write to the frames that it sees', () => {
      const ends = createEnds();
      const before = DATA.map(plain);
      send(ends[0], ends[1], DATA);
      settle(ends);
      expect(DATA.map(plain)).toEqual(before);
    });
  });
}
