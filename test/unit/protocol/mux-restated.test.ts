import { describe, expect, it } from 'vitest';
import {
  collectEvents,
  createMuxPair,
  deliver,
  describeFrame,
  exchange,
  openChannel,
  STREAM_0,
  STREAM_1,
  takeFrames,
} from '../../fixtures/protocol/mux-pair.ts';

describe('a mux on a new connection', () => {
  it('grants again what it had granted, so that a peer whose credit was lost goes on', () => {
    const pair = createMuxPair();
    const id = openChannel(pair);
    pair.client.mux.receive(id, STREAM_0, 0);
    takeFrames(pair.client);
    pair.daemon.mux.write(id, STREAM_0, new Uint8Array(10));
    expect(takeFrames(pair.daemon)).toEqual([]);
    pair.client.mux.restateCredit();
    deliver(pair.daemon, takeFrames(pair.client));
    expect(takeFrames(pair.daemon).map(describeFrame)).toEqual([`data ${id}.0`]);
  });

  it('grants nothing for streams that have ended, that nobody reads, or whose channel is closed', () => {
    const pair = createMuxPair();
    const id = openChannel(pair, [STREAM_0]);
    const closed = openChannel(pair, [STREAM_0]);
    pair.daemon.mux.end(id, STREAM_0);
    pair.client.mux.close(closed, {});
    exchange(pair);
    pair.client.mux.write(id, STREAM_1, new Uint8Array(1));
    pair.client.mux.restateCredit();
    expect(takeFrames(pair.client)).toEqual([]);
  });
});

describe('a mux that may not make data', () => {
  it('sends control all the same, and the data once it may', () => {
    const pair = createMuxPair();
    const id = openChannel(pair);
    pair.daemon.mux.receive(id, STREAM_0, 0);
    exchange(pair);
    pair.client.mux.write(id, STREAM_0, new Uint8Array(10));
    pair.client.mux.sendMessage(id, {});
    const frames = [pair.client.mux.pollFrame(false), pair.client.mux.pollFrame(false)];
    expect(frames.map((frame) => frame && describeFrame(frame))).toEqual([`message ${id}`, null]);
    collectEvents(pair.client);
    expect(takeFrames(pair.client).map(describeFrame)).toEqual([`data ${id}.0`]);
  });
});
