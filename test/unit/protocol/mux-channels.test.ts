import { describe, expect, it } from 'vitest';
import type { ChannelId } from '../../../src/framing/frame.ts';
import {
  CONTROL_ITEM_BYTES,
  CONTROL_PIECE_BYTES,
  FIRST_WINDOW_BYTES,
  MAX_CHANNELS_PER_LINK,
} from '../../../src/protocol/limits.ts';
import { frame } from '../../fixtures/framing/frames.ts';
import { codeOf } from '../../fixtures/protocol/error-code.ts';
import {
  bytesOf,
  collectEvents,
  createMuxEnd,
  createMuxPair,
  deliver,
  describeFrame,
  exchange,
  kindsOf,
  openChannel,
  STREAM_0,
  STREAM_1,
  takeFrames,
} from '../../fixtures/protocol/mux-pair.ts';
import { isPattern, patternBytes } from '../../fixtures/protocol/pattern.ts';

describe('channels', () => {
  it('have odd numbers when the client opens them and even ones when the daemon does, each larger', () => {
    const { client, daemon } = createMuxPair();
    const ids = [client, client, daemon, daemon, client].map(({ mux }) => mux.open({}, [], 0));
    expect(ids).toEqual([1, 3, 2, 4, 5]);
  });

  it('tell the other side what they were opened for', () => {
    const pair = createMuxPair();
    openChannel(pair, [], { service: 'run', id: 'a' });
    expect(pair.daemon.events).toEqual([
      { kind: 'opened', channel: 1, request: { service: 'run', id: 'a' } },
    ]);
    expect([pair.client.mux.channelCount, pair.daemon.mux.channelCount]).toEqual([1, 1]);
  });

  it('carry a request that is longer than a frame', () => {
    const pair = createMuxPair();
    const request = { line: 'x'.repeat(3 * CONTROL_PIECE_BYTES) };
    openChannel(pair, [], request);
    expect(pair.daemon.events).toEqual([{ kind: 'opened', channel: 1, request }]);
    expect(pair.client.sent.map(describeFrame)).toEqual(['more 1', 'more 1', 'more 1', 'open 1']);
  });

  it('carry messages both ways, in order, and say about what they take in memory', () => {
    const pair = createMuxPair();
    const id = openChannel(pair);
    for (const n of [1, 2, 3]) pair.client.mux.sendMessage(id, { n });
    pair.daemon.mux.sendMessage(id, { pid: 7 });
    exchange(pair);
    expect(pair.daemon.events.slice(1)).toEqual(
      [1, 2, 3].map((n) => ({
        kind: 'message',
        channel: id,
        message: { n },
        bytes: 16 + 3 * CONTROL_ITEM_BYTES,
      })),
    );
    expect(kindsOf(pair.client)).toEqual(['message']);
  });

  it.each(['client', 'daemon'] as const)('are free on both sides once the %s has closed', (side) => {
    const pair = createMuxPair();
    const id = openChannel(pair);
    pair[side].mux.close(id, { outcome: 7 });
    exchange(pair);
    const other = side === 'client' ? pair.daemon : pair.client;
    expect(other.events.at(-1)).toEqual({ kind: 'closed', channel: id, last: { outcome: 7 } });
    expect(pair[side].events.at(-1)).toEqual({ kind: 'closed', channel: id, last: {} });
    expect([pair.client.mux.channelCount, pair.daemon.mux.channelCount]).toEqual([0, 0]);
  });

  it('keep both last words when their closes cross, and answer neither', () => {
    const pair = createMuxPair();
    const id = openChannel(pair);
    pair.client.mux.close(id, { from: 'client' });
    pair.daemon.mux.close(id, { from: 'daemon' });
    exchange(pair);
    expect(pair.client.events.at(-1)).toEqual({ kind: 'closed', channel: id, last: { from: 'daemon' } });
    expect(pair.daemon.events.at(-1)).toEqual({ kind: 'closed', channel: id, last: { from: 'client' } });
    expect(pair.client.sent.map(describeFrame)).toEqual(['open 1', 'close 1']);
    expect(pair.daemon.sent.map(describeFrame)).toEqual(['close 1']);
  });

  it('are closed once: what comes after the last word is not sent', () => {
    const pair = createMuxPair();
    const id = openChannel(pair);
    const { mux } = pair.client;
    mux.close(id, { n: 1 });
    mux.close(id, { n: 2 });
    mux.abort(id, { n: 3 });
    mux.sendMessage(id, { n: 4 });
    expect(mux.write(id, STREAM_0, patternBytes(1, 0, 10))).toBe(true);
    mux.end(id, STREAM_0);
    mux.consume(id, STREAM_0, 10, 0);
    mux.receive(id, STREAM_0, 0);
    exchange(pair);
    expect(pair.client.sent.map(describeFrame)).toEqual(['open 1', 'close 1']);
    expect(pair.daemon.events.at(-1)).toEqual({ kind: 'closed', channel: id, last: { n: 1 } });
  });

  it('drop what still comes of a peer that has not seen the close, and judge it all the same', () => {
    const pair = createMuxPair();
    const id = openChannel(pair, [0]);
    pair.daemon.mux.write(id, STREAM_0, patternBytes(1, 0, 100));
    pair.daemon.mux.sendMessage(id, { n: 1 });
    pair.daemon.mux.end(id, STREAM_0);
    const onTheWay = takeFrames(pair.daemon);
    pair.client.mux.close(id, {});
    deliver(pair.client, onTheWay);
    expect(kindsOf(pair.client)).toEqual([]);
    expect(codeOf(() => pair.client.mux.handleFrame(frame(0x20, id, 'x')))).toBe('FRAME_MISPLACED');
  });

  it('throw away what was not sent when the peer closes', () => {
    const pair = createMuxPair();
    const id = openChannel(pair);
    pair.daemon.mux.write(id, STREAM_0, patternBytes(1, 0, 100));
    pair.daemon.mux.write(id, STREAM_1, patternBytes(1, 0, 100));
    pair.daemon.mux.end(id, STREAM_1);
    pair.daemon.mux.close(id, { outcome: 1 });
    pair.client.mux.close(id, {});
    exchange(pair);
    expect(pair.daemon.sent.map(describeFrame)).toEqual(['close 1']);
    expect(pair.client.events.at(-1)).toEqual({ kind: 'closed', channel: id, last: {} });
    expect(pair.daemon.mux.hasOutput).toBe(false);
  });

  it('wait with their last word for bytes that wait for credit, and for the ends', () => {
    const pair = createMuxPair();
    const id = openChannel(pair);
    const { mux } = pair.daemon;
    mux.write(id, STREAM_0, patternBytes(1, 0, 2 * FIRST_WINDOW_BYTES));
    mux.end(id, STREAM_0);
    mux.end(id, STREAM_1);
    mux.close(id, { outcome: 0 });
    exchange(pair);
    expect(kindsOf(pair.client)).toEqual(['end']);

    pair.client.mux.receive(id, STREAM_0, 0);
    exchange(pair);
    expect(kindsOf(pair.client, 'data')).toEqual(['end']);
    pair.client.mux.consume(id, STREAM_0, FIRST_WINDOW_BYTES, 0);
    exchange(pair);
    expect(kindsOf(pair.client, 'data', 'rtt-wanted')).toEqual(['end', 'end', 'closed']);
    expect(isPattern(1, 0, bytesOf(pair.client, id, STREAM_0))).toBe(true);
    expect(bytesOf(pair.client, id, STREAM_0).length).toBe(2 * FIRST_WINDOW_BYTES);
  });

  it('let a message pass data that waits for credit', () => {
    const pair = createMuxPair();
    const id = openChannel(pair);
    pair.client.mux.write(id, STREAM_0, patternBytes(1, 0, 100));
    pair.client.mux.sendMessage(id, { signal: 'SIGINT' });
    exchange(pair);
    expect(kindsOf(pair.daemon)).toEqual(['opened', 'message']);
  });

  it('are aborted at once: nothing that waits is sent, and writers hear of the end', () => {
    const pair = createMuxPair();
    const id = openChannel(pair);
    const { mux } = pair.client;
    expect(mux.write(id, STREAM_0, patternBytes(1, 0, 2 * FIRST_WINDOW_BYTES))).toBe(false);
    mux.close(id, { n: 1 });
    mux.abort(id, { n: 2 });
    exchange(pair);
    expect(pair.daemon.events.at(-1)).toEqual({ kind: 'closed', channel: id, last: { n: 2 } });
    expect(pair.client.events).toEqual([{ kind: 'closed', channel: id, last: {} }]);
  });

  it('are refused to us beyond the most, and free again when one was closed', () => {
    const pair = createMuxPair();
    for (let at = 0; at < MAX_CHANNELS_PER_LINK; at++) openChannel(pair);
    expect(codeOf(() => pair.client.mux.open({}, [], 0))).toBe('CHANNELS_EXHAUSTED');
    pair.client.mux.close(1 as ChannelId, {});
    exchange(pair);
    expect(codeOf(() => pair.client.mux.open({}, [], 0))).toBe('none');
  });

  it('are refused to the peer beyond the most, each by its own close', () => {
    const { mux, ...daemon } = createMuxEnd('daemon');
    for (let at = 0; at <= MAX_CHANNELS_PER_LINK; at++) mux.handleFrame(frame(0x10, 1 + 2 * at, '{}'));
    const [refusal, none] = takeFrames({ mux, ...daemon });
    expect(none).toBeUndefined();
    expect(describeFrame(refusal ?? frame(0, 0))).toBe(`close ${1 + 2 * MAX_CHANNELS_PER_LINK}`);
    expect(JSON.parse(Buffer.from(refusal?.payload ?? []).toString())).toMatchObject({
      error: { code: 'CHANNELS_EXHAUSTED' },
    });
    expect(daemon.events.length).toBe(MAX_CHANNELS_PER_LINK);
  });

  it('end the link when a peer opens ever more and never answers a refusal', () => {
    const daemon = createMuxEnd('daemon');
    const open = (at: number) => daemon.mux.handleFrame(frame(0x10, 1 + 2 * at, '{}'));
    for (let at = 0; at < 2 * MAX_CHANNELS_PER_LINK; at++) open(at);
    expect(codeOf(() => open(2 * MAX_CHANNELS_PER_LINK))).toBe('FRAME_MISPLACED');
  });

  it('are opened and refused without end by a peer that answers', () => {
    const daemon = createMuxEnd('daemon');
    for (let at = 0; at < 3 * MAX_CHANNELS_PER_LINK; at++) {
      daemon.mux.handleFrame(frame(0x10, 1 + 2 * at, '{}'));
      if (at >= MAX_CHANNELS_PER_LINK) daemon.mux.handleFrame(frame(0x12, 1 + 2 * at, '{}'));
    }
    collectEvents(daemon);
    expect(daemon.mux.channelCount).toBe(MAX_CHANNELS_PER_LINK);
  });
});
