import { describe, expect, it } from 'vitest';
import { createBudget } from '../../../src/protocol/budget.ts';
import { FIRST_WINDOW_BYTES, STREAM_QUEUE_BYTES } from '../../../src/protocol/limits.ts';
import {
  bytesOf,
  createMuxEnd,
  createMuxPair,
  describeFrame,
  exchange,
  kindsOf,
  openChannel,
  STREAM_0,
  STREAM_1,
  takeFrames,
} from '../../fixtures/protocol/mux-pair.ts';
import { isPattern, patternBytes } from '../../fixtures/protocol/pattern.ts';

describe('the streams of a channel', () => {
  it('carry bytes both ways at once, each direction by itself', () => {
    const pair = createMuxPair();
    const id = openChannel(pair, [0]);
    pair.daemon.mux.receive(id, STREAM_0, 0);
    exchange(pair);
    pair.client.mux.write(id, STREAM_0, patternBytes(1, 0, 1000));
    pair.daemon.mux.write(id, STREAM_0, patternBytes(2, 0, 2000));
    pair.client.mux.end(id, STREAM_0);
    exchange(pair);
    expect(bytesOf(pair.daemon, id, STREAM_0)).toEqual(Buffer.from(patternBytes(1, 0, 1000)));
    expect(bytesOf(pair.client, id, STREAM_0)).toEqual(Buffer.from(patternBytes(2, 0, 2000)));
    expect(kindsOf(pair.daemon)).toEqual(['opened', 'data', 'end']);

    pair.daemon.mux.write(id, STREAM_0, patternBytes(2, 2000, 500));
    pair.daemon.mux.end(id, STREAM_0);
    exchange(pair);
    expect(kindsOf(pair.client)).toEqual(['data', 'data', 'end']);
    expect(isPattern(2, 0, bytesOf(pair.client, id, STREAM_0))).toBe(true);
  });

  it('send nothing before the other side has granted credit', () => {
    const pair = createMuxPair();
    const id = openChannel(pair);
    pair.daemon.mux.write(id, STREAM_1, patternBytes(1, 0, 10));
    exchange(pair);
    expect(kindsOf(pair.client)).toEqual([]);
    pair.client.mux.receive(id, STREAM_1, 0);
    exchange(pair);
    expect(kindsOf(pair.client)).toEqual(['data']);
  });

  it('get their credit in the same flight as the open frame', () => {
    const { client } = createMuxPair();
    client.mux.open({}, [STREAM_0, STREAM_1], 0);
    expect(takeFrames(client).map(describeFrame)).toEqual(['open 1', 'credit 1.0', 'credit 1.1']);
  });

  it('stop a writer when the queue is full and free it when there is room', () => {
    const pair = createMuxPair();
    const id = openChannel(pair);
    const { mux } = pair.daemon;
    expect(mux.write(id, STREAM_0, patternBytes(1, 0, STREAM_QUEUE_BYTES - 1))).toBe(true);
    expect(mux.write(id, STREAM_0, patternBytes(1, STREAM_QUEUE_BYTES - 1, 1))).toBe(false);
    exchange(pair);
    expect(kindsOf(pair.daemon, 'opened')).toEqual([]);
    pair.client.mux.receive(id, STREAM_0, 0);
    exchange(pair);
    expect(kindsOf(pair.daemon, 'opened')).toEqual(['writable']);
  });

  it('stop a writer earlier, and get less credit, where a channel is to have little on its way', () => {
    const pair = createMuxPair();
    const id = pair.client.mux.open({}, [STREAM_0], 0, 1000);
    exchange(pair);
    const { mux } = pair.daemon;
    mux.limitQueues(id, 500);
    expect(mux.write(id, STREAM_0, patternBytes(1, 0, 499))).toBe(true);
    expect(mux.write(id, STREAM_0, patternBytes(1, 499, 1001))).toBe(false);
    exchange(pair);
    expect(bytesOf(pair.client, id, STREAM_0).length).toBe(1000);
    expect(mux.write(id, STREAM_0, patternBytes(1, 1500, 1))).toBe(false);
  });

  it('that stall hold up no other', () => {
    const pair = createMuxPair();
    const stalled = openChannel(pair, [0]);
    const ids = Array.from({ length: 20 }, () => openChannel(pair, [0]));
    pair.daemon.mux.write(stalled, STREAM_0, patternBytes(1, 0, 2 * FIRST_WINDOW_BYTES));
    for (const id of ids) pair.daemon.mux.write(id, STREAM_0, patternBytes(2, 0, 5000));
    exchange(pair);
    expect(bytesOf(pair.client, stalled, STREAM_0).length).toBe(FIRST_WINDOW_BYTES);
    for (const id of ids) expect(isPattern(2, 0, bytesOf(pair.client, id, STREAM_0))).toBe(true);
    expect(ids.map((id) => bytesOf(pair.client, id, STREAM_0).length)).toEqual(ids.map(() => 5000));
  });

  it('use sixteen numbers and mix none up', () => {
    const pair = createMuxPair();
    const numbers = Array.from({ length: 16 }, (_, at) => at as typeof STREAM_0);
    const id = openChannel(pair, numbers);
    for (const stream of numbers) {
      pair.daemon.mux.write(id, stream, patternBytes(stream, 0, 100 + stream));
      pair.daemon.mux.end(id, stream);
    }
    exchange(pair);
    for (const stream of numbers) {
      const bytes = bytesOf(pair.client, id, stream);
      expect([bytes.length, isPattern(stream, 0, bytes)]).toEqual([100 + stream, true]);
    }
    expect(kindsOf(pair.client, 'data').length).toBe(16);
  });

  it('end once, whatever is written afterwards', () => {
    const pair = createMuxPair();
    const id = openChannel(pair, [0]);
    pair.daemon.mux.end(id, STREAM_0);
    pair.daemon.mux.end(id, STREAM_0);
    expect(pair.daemon.mux.write(id, STREAM_0, patternBytes(1, 0, 10))).toBe(true);
    exchange(pair);
    expect(kindsOf(pair.client)).toEqual(['end']);
  });

  it('that have ended get no more credit, however much is consumed', () => {
    const pair = createMuxPair();
    const id = openChannel(pair, [0]);
    pair.daemon.mux.write(id, STREAM_0, patternBytes(1, 0, FIRST_WINDOW_BYTES));
    pair.daemon.mux.end(id, STREAM_0);
    exchange(pair);
    pair.client.mux.consume(id, STREAM_0, FIRST_WINDOW_BYTES, 0);
    expect(takeFrames(pair.client)).toEqual([]);
  });

  it('grow their windows from the budget of the process, which gets it back from closed channels and ended links', () => {
    const budget = createBudget(8 * FIRST_WINDOW_BYTES);
    const pair = { client: createMuxEnd('client', budget), daemon: createMuxEnd('daemon') };
    pair.client.mux.setRtt(10);
    const ids = [openChannel(pair, [0]), openChannel(pair, [0])];
    for (const id of ids) {
      for (let round = 0; round < 2; round++) {
        pair.daemon.mux.write(id, STREAM_0, patternBytes(1, 0, FIRST_WINDOW_BYTES));
        exchange(pair);
        pair.client.mux.consume(id, STREAM_0, FIRST_WINDOW_BYTES, 1);
        exchange(pair);
      }
    }
    expect(budget.freeBytes).toBe(2 * FIRST_WINDOW_BYTES);
    pair.daemon.mux.close(ids[0] ?? ids[1] ?? (1 as never), {});
    exchange(pair);
    expect(budget.freeBytes).toBe(5 * FIRST_WINDOW_BYTES);
    pair.client.mux.handleLinkEnd();
    pair.client.mux.handleLinkEnd();
    expect(budget.freeBytes).toBe(8 * FIRST_WINDOW_BYTES);
    expect([pair.client.mux.channelCount, pair.client.mux.hasOutput]).toEqual([0, false]);
  });
});
