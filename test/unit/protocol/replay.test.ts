import { describe, expect, it } from 'vitest';
import type { Frame } from '../../../src/framing/frame.ts';
import { createBudget } from '../../../src/protocol/budget.ts';
import { KEPT_ALLOWANCE_BYTES, KEPT_STEP_BYTES } from '../../../src/protocol/limits.ts';
import { createNullReplay } from '../../../src/protocol/replay.ts';
import { createReplay } from '../../../src/protocol/resumable-replay.ts';
import { frame, plain } from '../../fixtures/framing/frames.ts';
import { codeOf } from '../../fixtures/protocol/error-code.ts';
import { describeReplayLayer } from './replay-conformance.ts';

describeReplayLayer('the empty one', createNullReplay);
describeReplayLayer('the one that keeps', () => createReplay());

const data = (text: string): Frame => frame(0x20, 1, text);
const ack = (count: number): Frame => {
  const payload = new Uint8Array(8);
  new DataView(payload.buffer).setBigUint64(0, BigInt(count));
  return frame(0x0a, 0, payload);
};

/** All that a layer has to send of itself. */
function pollAll(layer: ReturnType<typeof createReplay>): string[] {
  const frames: string[] = [];
  for (let own = layer.pollFrame(); own !== null; own = layer.pollFrame()) frames.push(plain(own));
  return frames;
}

describe('the empty replay layer', () => {
  it('keeps nothing, ever', () => {
    const layer = createNullReplay();
    for (let at = 0; at < 100; at++) layer.handleOutgoing(frame(0x20, 1, 'abc'));
    expect([layer.keptBytes, layer.pollFrame()]).toEqual([0, null]);
  });
});

describe('a replay layer on a new connection', () => {
  it('sends again what the peer lacks, in order, and nothing else', () => {
    const layer = createReplay();
    for (const text of ['1', '2', '3', '4']) layer.handleOutgoing(data(text));
    layer.resume(2);
    expect(pollAll(layer)).toEqual([plain(data('3')), plain(data('4'))]);
  });

  it('sends what is new behind what is sent again', () => {
    const layer = createReplay();
    layer.handleOutgoing(data('1'));
    layer.resume(0);
    layer.handleOutgoing(data('2'));
    expect(pollAll(layer)).toEqual([plain(data('1')), plain(data('2'))]);
  });

  it('numbers what must arrive once: open, message, close and their pieces, data, end', () => {
    const layer = createReplay();
    for (const type of [0x10, 0x11, 0x12, 0x13, 0x20, 0x2f, 0x30, 0x3f]) layer.handleIncoming(frame(type, 1));
    expect(layer.received).toBe(8);
    for (const [type, channel] of [
      [0x03, 0],
      [0x04, 0],
      [0x13, 0],
      [0x40, 1],
      [0x4f, 1],
    ] as const)
      layer.handleIncoming(frame(type, channel));
    expect(layer.received).toBe(8);
  });

  it.each([
    ['more than was sent', 3],
    ['less than was acknowledged', 0],
  ])('takes no count that says %s', (_what, count) => {
    const layer = createReplay();
    layer.handleOutgoing(data('1'));
    layer.handleOutgoing(data('2'));
    layer.handleIncoming(ack(1));
    expect(codeOf(() => layer.resume(count))).toBe('FRAME_MISPLACED');
  });
});

describe('an acknowledgement', () => {
  it('lets go of what it counts', () => {
    const layer = createReplay();
    for (const text of ['1', '2', '3']) layer.handleOutgoing(data(text));
    layer.handleIncoming(ack(2));
    const one = layer.keptBytes;
    layer.handleIncoming(ack(3));
    expect([one > 0, layer.keptBytes]).toEqual([true, 0]);
  });

  it.each([
    ['counts more than was sent', ack(4)],
    ['counts back', ack(0)],
    ['counts above the largest offset', frame(0x0a, 0, new Uint8Array(8).fill(255))],
  ])('that %s ends the link', (_what, wrong) => {
    const layer = createReplay();
    for (const text of ['1', '2', '3']) layer.handleOutgoing(data(text));
    layer.handleIncoming(ack(1));
    expect(codeOf(() => layer.handleIncoming(wrong))).toBe('FRAME_MISPLACED');
  });

  it('of the wrong size ends the link', () => {
    expect(codeOf(() => createReplay().handleIncoming(frame(0x0a, 0, 'abc')))).toBe('FRAME_PAYLOAD');
  });

  it('of frames that were not sent again yet ends the link', () => {
    const layer = createReplay();
    for (const text of ['1', '2', '3']) layer.handleOutgoing(data(text));
    layer.resume(0);
    layer.pollFrame();
    expect(codeOf(() => layer.handleIncoming(ack(2)))).toBe('FRAME_MISPLACED');
  });

  it('goes along with other frames sooner than alone, and at once when it is asked for', () => {
    const layer = createReplay();
    for (let at = 0; at < 20; at++) layer.handleIncoming(data('x'));
    expect(layer.pollFrame(false)).toBe(null);
    expect(plain(layer.pollFrame(true) ?? data(''))).toBe(plain(ack(20)));
    layer.handleIncoming(data('x'));
    expect(layer.pollFrame(true)).toBe(null);
    layer.acknowledge();
    expect(plain(layer.pollFrame() ?? data(''))).toBe(plain(ack(21)));
    layer.acknowledge();
    expect(layer.pollFrame(true)).toBe(null);
  });
});

describe('what a replay layer keeps', () => {
  it('does not hold a large piece of memory for a small frame', () => {
    const held: Uint8Array[] = [];
    const layer = createReplay({ holder: { hold: (payload) => held.push(payload), letGo() {} } });
    layer.handleOutgoing(frame(0x20, 1, new Uint8Array(262_144).subarray(5, 15)));
    expect(held.map(({ buffer }) => buffer.byteLength)).toEqual([10]);
  });

  it('is not copied where it is most of its memory, and is let go once it is acknowledged', () => {
    const held: Uint8Array[] = [];
    const gone: Uint8Array[] = [];
    const holder = {
      hold: (payload: Uint8Array) => held.push(payload),
      letGo: (payload: Uint8Array) => gone.push(payload),
    };
    const layer = createReplay({ holder });
    const payload = new Uint8Array(262_144).fill(7);
    layer.handleOutgoing(frame(0x20, 1, payload));
    expect([held[0] === payload, gone.length]).toEqual([true, 0]);
    layer.handleIncoming(ack(1));
    expect(gone).toEqual([payload]);
  });

  it('has an allowance of its own, then what the budget of all links has, and gives that back', () => {
    const budget = createBudget(KEPT_STEP_BYTES);
    const layers = [createReplay({ keptBudget: budget }), createReplay({ keptBudget: budget })];
    const big = frame(0x20, 1, new Uint8Array(KEPT_ALLOWANCE_BYTES));
    for (const layer of layers) layer.handleOutgoing(big);
    expect(layers.map((layer) => layer.makeRoom())).toEqual([true, false]);
    layers[0]?.handleIncoming(ack(1));
    expect([budget.freeBytes, layers[1]?.makeRoom()]).toEqual([KEPT_STEP_BYTES, true]);
    layers[1]?.release();
    expect([budget.freeBytes, layers[1]?.keptBytes]).toEqual([KEPT_STEP_BYTES, 0]);
  });
});
