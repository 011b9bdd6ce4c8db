import { describe, expect, it } from 'vitest';
import type { ChannelId, StreamNumber } from '../../../src/framing/frame.ts';
import { createBudget } from '../../../src/protocol/budget.ts';
import { type Channel, createChannel } from '../../../src/protocol/channel.ts';
import { encodeCredit, readCredit } from '../../../src/protocol/credit-frame.ts';
import {
  INTERACTIVE_BURST_FRAMES,
  INTERACTIVE_QUEUE_BYTES,
  SHARED_DATA_FRAME_BYTES,
  SOLE_DATA_FRAME_BYTES,
} from '../../../src/protocol/limits.ts';
import { createSendOrder, type SendOrder } from '../../../src/protocol/send-order.ts';
import { frame } from '../../fixtures/framing/frames.ts';
import { describeFrame } from '../../fixtures/protocol/mux-pair.ts';

const BULK = 8 * 1024 * 1024;

function channelOf(id: number, credit = Number.MAX_SAFE_INTEGER): Channel {
  const channel = createChannel(id as ChannelId, createBudget(0));
  for (let stream = 0; stream < 16; stream++) channel.sender(stream as StreamNumber).raiseLimit(credit);
  return channel;
}

function write(order: SendOrder, channel: Channel, stream: number, bytes: number): void {
  channel.sender(stream as StreamNumber).write(new Uint8Array(bytes));
  order.update(channel, stream as StreamNumber);
}

function end(order: SendOrder, channel: Channel, stream: number): void {
  channel.sender(stream as StreamNumber).end();
  order.update(channel, stream as StreamNumber);
}

/** The next frames' names and sizes. */
function take(order: SendOrder, most = Number.POSITIVE_INFINITY): string[] {
  const taken: string[] = [];
  for (let next = order.next(); next !== null; next = order.next()) {
    taken.push(`${describeFrame(next.frame)} ${next.frame.payload.length}`);
    if (taken.length >= most) break;
  }
  return taken;
}

describe('the order of sending', () => {
  it('has the last credit of a stream alone, in the place of the first', () => {
    const order = createSendOrder();
    const id = 1 as ChannelId;
    order.queueCredit(encodeCredit(id, 0 as StreamNumber, 5));
    order.queueControl(frame(0x11, 1, '{}'));
    order.queueCredit(encodeCredit(id, 1 as StreamNumber, 6));
    for (let offset = 7; offset < 1000; offset++)
      order.queueCredit(encodeCredit(id, 0 as StreamNumber, offset));
    const credit = order.next()?.frame;
    expect(credit && readCredit(credit, 0 as StreamNumber)).toBe(999);
    expect(take(order)).toEqual(['message 1 2', 'credit 1.1 8']);
    expect(order.controlBytes).toBe(0);
    order.queueCredit(encodeCredit(id, 0 as StreamNumber, 1001));
    expect(take(order)).toEqual(['credit 1.0 8']);
  });

  it('is: control, then streams with little to send, then bulk', () => {
    const order = createSendOrder();
    write(order, channelOf(1), 0, BULK);
    write(order, channelOf(3), 0, 5);
    order.queueControl(frame(0x11, 1, '{}'));
    order.queueControl(frame(0x03, 0, '12345678'));
    expect(take(order, 4)).toEqual([
      'message 1 2',
      'ping 8',
      'data 3.0 5',
      `data 1.0 ${SOLE_DATA_FRAME_BYTES}`,
    ]);
  });

  it('gives bulk to each stream in turn, in frames of 64 KiB while several compete', () => {
    const order = createSendOrder();
    const channel = channelOf(1);
    write(order, channel, 0, BULK);
    write(order, channel, 1, BULK);
    write(order, channelOf(3), 0, BULK);
    const turns = ['data 1.0', 'data 1.1', 'data 3.0'].map((name) => `${name} ${SHARED_DATA_FRAME_BYTES}`);
    expect(take(order, 9)).toEqual([...turns, ...turns, ...turns]);
  });

  it('gives one stream that is alone large frames', () => {
    const order = createSendOrder();
    write(order, channelOf(1), 0, SOLE_DATA_FRAME_BYTES + 1);
    expect(take(order)).toEqual([`data 1.0 ${SOLE_DATA_FRAME_BYTES}`, 'data 1.0 1']);
  });

  it('calls a stream interactive up to 4 KiB, and bulk one byte above', () => {
    const order = createSendOrder();
    write(order, channelOf(1), 0, INTERACTIVE_QUEUE_BYTES + 1);
    write(order, channelOf(3), 0, INTERACTIVE_QUEUE_BYTES);
    expect(take(order)).toEqual([
      `data 3.0 ${INTERACTIVE_QUEUE_BYTES}`,
      `data 1.0 ${INTERACTIVE_QUEUE_BYTES + 1}`,
    ]);
  });

  it('lets bulk have a turn among interactive streams that never run dry', () => {
    const order = createSendOrder();
    const chatty = channelOf(1);
    const bulk = channelOf(3);
    write(order, bulk, 0, BULK);
    const names: string[] = [];
    for (let at = 0; at < 10 * (INTERACTIVE_BURST_FRAMES + 1); at++) {
      write(order, chatty, 0, 1);
      names.push(...take(order, 1));
    }
    const turnsOfBulk = names.filter((name) => name.startsWith('data 3.0'));
    expect(turnsOfBulk.length).toBe(10);
  });

  it('lets every one of many interactive streams have a turn', () => {
    const order = createSendOrder();
    const channels = Array.from({ length: 50 }, (_, at) => channelOf(1 + 2 * at));
    for (const channel of channels) write(order, channel, 0, 1);
    const first = channels[0] as Channel;
    const names: string[] = [];
    for (let at = 0; at < 50; at++) {
      names.push(...take(order, 1));
      write(order, first, 0, 1);
    }
    expect(new Set(names.map((name) => name.split(' ')[1])).size).toBe(50);
  });

  it('keeps a stream out that waits for credit, until it is looked at again', () => {
    const order = createSendOrder();
    const channel = channelOf(1, 10);
    write(order, channel, 0, 25);
    expect(take(order)).toEqual(['data 1.0 10']);
    expect(order.hasOutput).toBe(false);
    channel.sender(0 as StreamNumber).raiseLimit(20);
    order.update(channel, 0 as StreamNumber);
    expect([order.hasOutput, ...take(order)]).toEqual([true, 'data 1.0 10']);
  });

  it('sends an end behind the last byte of its stream, and without credit', () => {
    const order = createSendOrder();
    const channel = channelOf(1);
    write(order, channel, 0, 3);
    end(order, channel, 0);
    end(order, channelOf(3, 0), 1);
    expect(take(order).toSorted()).toEqual(['data 1.0 3', 'end 1.0 0', 'end 3.1 0']);
  });

  it('forgets a stream that is removed', () => {
    const order = createSendOrder();
    const channel = channelOf(1);
    write(order, channel, 0, BULK);
    write(order, channel, 1, 1);
    order.remove(channel, 0 as StreamNumber);
    order.remove(channel, 1 as StreamNumber);
    order.remove(channel, 2 as StreamNumber);
    expect([order.hasOutput, order.next()]).toEqual([false, null]);
  });

  it('does not mix up streams of channels whose numbers are large', () => {
    const order = createSendOrder();
    for (const [id, stream] of [
      [0xffff_fffe, 15],
      [0xffff_ffff, 0],
      [0xffff_fffe, 0],
    ] as const)
      write(order, channelOf(id), stream, 1);
    expect(take(order)).toEqual(['data 4294967294.15 1', 'data 4294967295.0 1', 'data 4294967294.0 1']);
  });

  it('counts the answers that wait, by about what they take in memory, and leaves other control out', () => {
    const order = createSendOrder();
    order.queueAnswer(frame(0x12, 1, '{}'));
    order.queueControl(frame(0x11, 1, new Uint8Array(1_000_000)));
    order.queueAnswer(frame(0x04, 0, '12345678'));
    expect(order.answerBytes).toBe(2 * 256 + 10);
    expect(take(order, 1)).toEqual(['close 1 2']);
    expect(order.answerBytes).toBe(256 + 8);
    expect(take(order)).toEqual(['message 1 1000000', 'pong 8']);
    expect([order.answerBytes, order.hasOutput]).toEqual([0, false]);
  });
});
