import { describe, expect, it } from 'vitest';
import type { Frame } from '../../../src/framing/frame.ts';
import { FIRST_WINDOW_BYTES } from '../../../src/protocol/limits.ts';
import { frame } from '../../fixtures/framing/frames.ts';
import { codeOf } from '../../fixtures/protocol/error-code.ts';
import {
  createMuxEnd,
  createMuxPair,
  deliver,
  describeFrame,
  exchange,
  kindsOf,
  type MuxEnd,
  openChannel,
  STREAM_0,
  takeFrames,
} from '../../fixtures/protocol/mux-pair.ts';

const OPEN = 0x10;
const MESSAGE = 0x11;
const CLOSE = 0x12;
const MORE = 0x13;
const DATA = 0x20;
const END = 0x30;
const CREDIT = 0x40;

/** A daemon's mux with channel 1 open and 100 bytes consumed of its granted stream 0; stream 1 has no credit. */
function openDaemon(): MuxEnd {
  const pair = createMuxPair();
  const id = openChannel(pair);
  pair.daemon.mux.receive(id, STREAM_0, 0);
  exchange(pair);
  return pair.daemon;
}

function offset(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value);
  return bytes;
}

describe('a peer that breaks the rules of channels', () => {
  it.each<[string, string, Frame[]]>([
    ['opens an even channel as a client', 'FRAME_MISPLACED', [frame(OPEN, 2, '{}')]],
    ['opens the same channel twice', 'FRAME_MISPLACED', [frame(OPEN, 1, '{}')]],
    ['opens a smaller channel', 'FRAME_MISPLACED', [frame(OPEN, 7, '{}'), frame(OPEN, 5, '{}')]],
    ['opens channel 0', 'FRAME_MISPLACED', [frame(OPEN, 0, '{}')]],
    ['opens with an array', 'CONTROL_NOT_JSON', [frame(OPEN, 3, '[]')]],
    ['opens with nothing', 'CONTROL_NOT_JSON', [frame(OPEN, 3)]],
    ['says a message on an unknown channel', 'FRAME_MISPLACED', [frame(MESSAGE, 3, '{}')]],
    ['says a message on channel 0', 'FRAME_MISPLACED', [frame(MESSAGE, 0, '{}')]],
    ['says a message that is no JSON', 'CONTROL_NOT_JSON', [frame(MESSAGE, 1, '{')]],
    ['closes an unknown channel', 'FRAME_MISPLACED', [frame(CLOSE, 3, '{}')]],
    ['closes a channel twice', 'FRAME_MISPLACED', [frame(CLOSE, 1, '{}'), frame(CLOSE, 1, '{}')]],
    ['closes with nothing', 'CONTROL_NOT_JSON', [frame(CLOSE, 1)]],
    ['talks on a closed channel', 'FRAME_MISPLACED', [frame(CLOSE, 1, '{}'), frame(MESSAGE, 1, '{}')]],
    ['sends data on a closed channel', 'FRAME_MISPLACED', [frame(CLOSE, 1, '{}'), frame(DATA, 1, 'x')]],
    [
      'grants credit on a closed channel',
      'FRAME_MISPLACED',
      [frame(CLOSE, 1, '{}'), frame(CREDIT, 1, offset(9n))],
    ],
    ['sends a piece for a closed channel', 'FRAME_MISPLACED', [frame(CLOSE, 1, '{}'), frame(MORE, 1, '{')]],
    ['sends a piece for a channel it can never open', 'FRAME_MISPLACED', [frame(MORE, 2, '{')]],
    ['sends data on an unknown channel', 'FRAME_MISPLACED', [frame(DATA, 3, 'x')]],
    ['sends empty data', 'FRAME_PAYLOAD', [frame(DATA, 1)]],
    ['sends data without credit', 'CREDIT_OVERRUN', [frame(DATA + 1, 1, 'x')]],
    ['sends data on a stream nobody heard of', 'CREDIT_OVERRUN', [frame(DATA + 15, 1, 'x')]],
    [
      'sends one byte more than its credit',
      'CREDIT_OVERRUN',
      [frame(DATA, 1, new Uint8Array(FIRST_WINDOW_BYTES)), frame(DATA, 1, 'x')],
    ],
    ['sends data after the end', 'FRAME_MISPLACED', [frame(END, 1), frame(DATA, 1, 'x')]],
    ['ends a stream twice', 'FRAME_MISPLACED', [frame(END, 1), frame(END, 1)]],
    ['ends with a payload', 'FRAME_PAYLOAD', [frame(END, 1, 'x')]],
    ['ends a stream of an unknown channel', 'FRAME_MISPLACED', [frame(END, 3)]],
    ['grants credit that is too short', 'FRAME_PAYLOAD', [frame(CREDIT, 1, '1234567')]],
    ['grants credit that nobody can count', 'CREDIT_INVALID', [frame(CREDIT, 1, offset(2n ** 53n))]],
    ['grants credit on an unknown channel', 'FRAME_MISPLACED', [frame(CREDIT, 3, offset(9n))]],
    ['pings with seven bytes', 'FRAME_PAYLOAD', [frame(0x03, 0, '1234567')]],
    ['answers a ping with nine bytes', 'FRAME_PAYLOAD', [frame(0x04, 0, '123456789')]],
    ['pings a channel', 'FRAME_MISPLACED', [frame(0x03, 1, '12345678')]],
    ['greets a channel', 'FRAME_MISPLACED', [frame(0x01, 1, '{}')]],
    ['says goaway to a channel', 'FRAME_MISPLACED', [frame(0x02, 1, '{}')]],
  ])('is told so when it %s', (_name, code, frames) => {
    const daemon = openDaemon();
    const last = frames.at(-1) ?? frame(0, 0);
    deliver(daemon, frames.slice(0, -1));
    expect(codeOf(() => daemon.mux.handleFrame(last))).toBe(code);
  });

  it.each([0x00, 0x05, 0x0f, 0x14, 0x1f, 0x50, 0x7f, 0x80, 0xff])(
    'is told that type %i is unknown',
    (type) => {
      for (const channel of [0, 1, 3])
        expect(codeOf(() => openDaemon().mux.handleFrame(frame(type, channel)))).toBe('FRAME_UNKNOWN');
    },
  );

  it('gets what is not against them: the largest credit, a smaller one, an answer to no ping, an end of any stream', () => {
    const daemon = openDaemon();
    deliver(daemon, [
      frame(CREDIT, 1, offset(2n ** 53n - 1n)),
      frame(CREDIT, 1, offset(0n)),
      frame(0x04, 0, '12345678'),
      frame(END + 9, 1),
      frame(DATA, 1, new Uint8Array(FIRST_WINDOW_BYTES)),
    ]);
    expect(kindsOf(daemon)).toEqual(['opened', 'pong', 'end', 'data']);
  });

  it('is answered its pings, in order and with their bytes', () => {
    const daemon = openDaemon();
    deliver(daemon, [frame(0x03, 0, 'abcdefgh'), frame(0x03, 0, '12345678')]);
    const pongs = takeFrames(daemon);
    expect(pongs.map((item) => `${describeFrame(item)} ${Buffer.from(item.payload).toString()}`)).toEqual([
      'pong abcdefgh',
      'pong 12345678',
    ]);
  });

  it('that never reads is seen by the bytes that wait for it', () => {
    const daemon = openDaemon();
    for (let at = 0; at < 1000; at++) daemon.mux.handleFrame(frame(0x03, 0, 'abcdefgh'));
    expect(daemon.mux.controlBacklogBytes).toBe(264_000);
    for (let id = 3; id < 2003; id += 2) deliver(daemon, [frame(OPEN, id, '{}'), frame(CLOSE, id, '{}')]);
    expect(daemon.mux.controlBacklogBytes).toBe(264_000 + 258_000);
    takeFrames(daemon);
    expect(daemon.mux.controlBacklogBytes).toBe(0);
  });

  it('that is a daemon may open even channels only', () => {
    const client = createMuxEnd('client');
    expect(codeOf(() => client.mux.handleFrame(frame(OPEN, 1, '{}')))).toBe('FRAME_MISPLACED');
    deliver(client, [frame(OPEN, 2, '{}')]);
    expect(kindsOf(client)).toEqual(['opened']);
  });
});
