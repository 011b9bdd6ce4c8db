import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Frame } from '../../../src/framing/frame.ts';
import type { ReplayLayer } from '../../../src/protocol/replay.ts';
import { createReplay } from '../../../src/protocol/resumable-replay.ts';
import { frame, plain } from '../../fixtures/framing/frames.ts';

type Side = 'client' | 'daemon';

/** The naive twin: everything that was ever said, and everything that was ever heard. */
interface Twin {
  readonly said: Record<Side, string[]>;
  readonly heard: Record<Side, string[]>;
}

/** Two layers, and the frames that are on their way, by the side that sent them. */
interface Real {
  readonly layers: Record<Side, ReplayLayer>;
  readonly wires: Record<Side, Frame[]>;
  readonly heard: Record<Side, string[]>;
}

type Command = fc.Command<Twin, Real>;

const OTHER: Record<Side, Side> = { client: 'daemon', daemon: 'client' };
const SIDES: readonly Side[] = ['client', 'daemon'];
const CREDIT = frame(0x40, 1, '12345678');

/** What one side says next: every frame differs from all others. */
class Say implements Command {
  readonly side: Side;
  readonly bytes: number;

  constructor(side: Side, bytes: number) {
    this.side = side;
    this.bytes = bytes;
  }

  check = (): boolean => true;

  run(twin: Twin, { layers, wires }: Real): void {
    pollOwn(this.side, layers, wires);
    const item = frame(0x20, 1, `${twin.said[this.side].length} `.padEnd(this.bytes, 'x'));
    twin.said[this.side].push(plain(item));
    layers[this.side].handleOutgoing(item);
    wires[this.side].push(item);
    // What is not numbered may be lost: it never counts, nor comes again
    layers[this.side].handleOutgoing(CREDIT);
    wires[this.side].push(CREDIT);
  }

  toString = (): string => `say(${this.side}, ${this.bytes})`;
}

/** Some frames of one side arrive. */
class Arrive implements Command {
  readonly side: Side;
  readonly count: number;

  constructor(side: Side, count: number) {
    this.side = side;
    this.count = count;
  }

  check = (): boolean => true;

  run(_twin: Twin, real: Real): void {
    for (let at = 0; at < this.count; at++) arriveOne(this.side, real);
  }

  toString = (): string => `arrive(${this.side}, ${this.count})`;
}

/** The connection is lost with all that is under way, and a new one takes its place. */
class Cut implements Command {
  check = (): boolean => true;

  run(_twin: Twin, { layers, wires }: Real): void {
    const counts = { client: layers.client.received, daemon: layers.daemon.received };
    for (const side of SIDES) {
      wires[side].length = 0;
      layers[side].resume(counts[OTHER[side]]);
    }
  }

  toString = (): string => 'cut';
}

/** One side sends what its layer has to send, or acknowledges. */
class Poll implements Command {
  readonly side: Side;
  readonly acknowledges: boolean;

  constructor(side: Side, acknowledges: boolean) {
    this.side = side;
    this.acknowledges = acknowledges;
  }

  check = (): boolean => true;

  run(_twin: Twin, { layers, wires }: Real): void {
    if (this.acknowledges) layers[this.side].acknowledge();
    pollOwn(this.side, layers, wires);
  }

  toString = (): string => `poll(${this.side}, ${this.acknowledges})`;
}

function pollOwn(side: Side, layers: Real['layers'], wires: Real['wires']): void {
  for (let own = layers[side].pollFrame(); own !== null; own = layers[side].pollFrame())
    wires[side].push(own);
}

function arriveOne(from: Side, { layers, wires, heard }: Real): void {
  const item = wires[from].shift();
  const passed = item && layers[OTHER[from]].handleIncoming(item);
  if (passed && passed.type !== CREDIT.type) heard[from].push(plain(passed));
}

const side = fc.constantFrom(...SIDES);
const commands = fc.commands<Twin, Real>(
  [
    fc.tuple(side, fc.oneof(fc.nat(64), fc.nat(100_000))).map(([who, bytes]) => new Say(who, bytes)),
    fc.tuple(side, fc.nat(30)).map(([who, count]) => new Arrive(who, count)),
    fc.tuple(side, fc.boolean()).map(([who, acknowledges]) => new Poll(who, acknowledges)),
    fc.constant(new Cut()),
  ],
  { maxCommands: 120 },
);

describe('two replay layers whose connections are cut at any frame', () => {
  it('hear what was said, once and in order, and keep nothing in the end, as a naive twin that is never cut', () => {
    fc.assert(
      fc.property(commands, (list) => {
        const twin: Twin = { said: { client: [], daemon: [] }, heard: { client: [], daemon: [] } };
        const real: Real = {
          layers: { client: createReplay(), daemon: createReplay() },
          wires: { client: [], daemon: [] },
          heard: twin.heard,
        };
        fc.modelRun(() => ({ model: twin, real }), list);
        for (const who of SIDES)
          expect(twin.heard[who]).toEqual(twin.said[who].slice(0, twin.heard[who].length));

        for (let round = 0; round < 3; round++) {
          for (const who of SIDES) {
            real.layers[who].acknowledge();
            pollOwn(who, real.layers, real.wires);
            while (real.wires[who].length > 0) arriveOne(who, real);
          }
        }
        expect(twin.heard).toEqual(twin.said);
        for (const who of SIDES) expect(real.layers[who].keptBytes).toBe(0);
      }),
      { numRuns: 300 },
    );
  });
});
