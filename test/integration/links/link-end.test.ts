import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { attachLink } from '../../../src/link/attach-link.ts';
import { RexaError } from '../../../src/protocol/errors.ts';
import { HELLO_TIMEOUT_MS } from '../../../src/protocol/limits.ts';
import { unixTransport } from '../../../src/transports/unix.ts';
import {
  collectWarnings,
  connectLinks,
  createLinkPair,
  createRawPair,
  DAEMON_GREETING,
  type LinkPair,
  listenTemporarily,
} from '../../fixtures/link/link-pair.ts';
import { readPattern, writePattern } from '../../fixtures/link/stream-bytes.ts';
import { patternBytes } from '../../fixtures/protocol/pattern.ts';
import { frame, HELLO } from '../../fixtures/raw-peer.ts';

const MIB = 1024 * 1024;

async function openChannel({ client, daemon }: LinkPair, receive: readonly number[] = [0]) {
  const near = client.open({}, receive);
  const far = await daemon.nextChannel();
  if (!far) throw new Error('no channel came');
  return { near, far };
}

/** Writes until the stream is over, with regard to its backpressure. */
function writeWithoutEnd(stream: NodeJS.WritableStream): void {
  void writePattern(stream as never, 1, Number.MAX_SAFE_INTEGER).catch(() => {});
}

describe('a link that says goaway', () => {
  it('ends on both sides as a goaway, and both sockets are closed', async () => {
    const { client, daemon } = await createLinkPair();
    await client.peer;
    await client.leave();
    expect(await Promise.all([client.ended, daemon.ended])).toEqual([{ kind: 'goaway' }, { kind: 'goaway' }]);
    await Promise.all([client.closed, daemon.closed]);
  });

  it('has what was written before it delivered', async () => {
    const pair = await createLinkPair();
    const { near, far } = await openChannel(pair);
    const bytes = 256 * 1024;
    far.output(0).end(patternBytes(1, 0, bytes));
    far.send({ last: 'message' });
    far.close({ last: 'word' });
    void pair.daemon.leave();
    expect(await near.nextMessage()).toEqual({ last: 'message' });
    expect(await readPattern(near.input(0), 1)).toBe(bytes);
    expect(await near.ended).toEqual({ kind: 'closed', last: { last: 'word' } });
    expect(await pair.client.ended).toEqual({ kind: 'goaway' });
  });

  it('may do so before it has heard a hello', async () => {
    const { client, daemon } = await createLinkPair();
    await Promise.all([client.leave(), daemon.leave()]);
    await Promise.all([client.closed, daemon.closed]);
    expect((await client.ended).kind).toBe('goaway');
  });

  it('may do so while the other does, in the middle of bulk', async () => {
    const listening = await listenTemporarily();
    for (const busyTurns of [0, 3, 20]) {
      const pair = await connectLinks(listening);
      const { near, far } = await openChannel(pair);
      near.input(0).resume();
      far.input(0).resume();
      writeWithoutEnd(near.output(0));
      writeWithoutEnd(far.output(0));
      for (let turns = 0; turns < busyTurns; turns++) await turn();
      await Promise.all([pair.client.leave(), pair.daemon.leave()]);
      await Promise.all([pair.client.closed, pair.daemon.closed]);
      expect((await pair.client.ended).kind).not.toBe('failed');
    }
  });

  it('may do so several times', async () => {
    const { client, daemon } = await createLinkPair();
    await Promise.all([client.leave(), client.leave()]);
    await client.leave(new RexaError('SHUTTING_DOWN'));
    expect(await daemon.ended).toEqual({ kind: 'goaway' });
  });

  it('is not kept for ever by a peer that does not read', async () => {
    const { peer, daemon } = await createRawPair();
    peer.socket.pause();
    peer.send(HELLO, frame(0x10, 1, {}), frame(0x40, 1, Buffer.from('000fffffffffffff', 'hex')));
    const channel = await daemon.nextChannel();
    if (channel) writeWithoutEnd(channel.output(0));
    for (let turns = 0; turns < 50; turns++) await turn();
    await daemon.leave();
    await daemon.closed;
    expect((await daemon.ended).kind).toBe('lost');
  });
});

describe('the last words of a link', () => {
  it('arrive 200 of 200 times at a client that is still sending', async () => {
    const listening = await listenTemporarily();
    const codes: string[] = [];
    for (let round = 0; round < 200; round++) {
      const pair = await connectLinks(listening, round % 2 === 0 ? 'plain' : 'slab');
      const { near, far } = await openChannel(pair);
      writeWithoutEnd(near.output(0));
      if (round % 4 < 2) far.input(0).resume();
      for (let turns = 0; turns < round % 7; turns++) await turn();
      void pair.daemon.leave(new RexaError('SHUTTING_DOWN'));
      const end = await pair.client.ended;
      codes.push(end.kind === 'refused' ? end.code : end.kind);
      pair.sockets.client.destroy();
      pair.sockets.daemon.destroy();
    }
    expect(codes.filter((code) => code === 'SHUTTING_DOWN').length).toBe(200);
  });

  it('arrive at a peer that had sent megabytes before it began to read', async () => {
    const { peer, daemon, socket } = await createRawPair();
    peer.send(HELLO, frame(0x99, 0), Buffer.alloc(4 * MIB));
    await daemon.ended;
    expect(await peer.goawayCode()).toBe('FRAME_UNKNOWN');
    await daemon.closed;
    expect(socket.bytesRead).toBeLessThan(MIB);
  });

  it('arrive in front of which the socket was full', async () => {
    const { peer, daemon } = await createRawPair();
    peer.socket.pause();
    peer.send(HELLO, frame(0x10, 1, {}), frame(0x40, 1, Buffer.from('000fffffffffffff', 'hex')));
    const channel = await daemon.nextChannel();
    if (channel) writeWithoutEnd(channel.output(0));
    for (let turns = 0; turns < 50; turns++) await turn();
    void daemon.leave(new RexaError('SHUTTING_DOWN'));
    expect(await peer.goawayCode()).toBe('SHUTTING_DOWN');
  });

  it.each([
    ['nothing at all', [], null],
    ['no frame', [Buffer.from('GET / HTTP/1.1\r\n\r\n')], 'FRAME_TOO_LARGE'],
    ['a request before the hello', [frame(0x10, 1, {})], 'FRAME_MISPLACED'],
    [
      'another version',
      [frame(0x01, 0, { protocol: [9, 9], agent: 'x', features: [] })],
      'PROTOCOL_MISMATCH',
    ],
    ['half a hello', [HELLO.subarray(0, 20)], null],
  ])('are said, or not, to a peer that sends %s and leaves', async (_name, parts, code) => {
    const { peer, daemon } = await createRawPair();
    peer.socket.end(Buffer.concat(parts));
    expect(await peer.goawayCode()).toBe(code);
    await daemon.closed;
    expect((await daemon.ended).kind).toBe(code === null ? 'lost' : 'failed');
  });
});

describe('a link that is lost', () => {
  it.each(['client', 'daemon'] as const)(
    'when the socket of the %s breaks fails everything, once',
    async (side) => {
      const warnings = collectWarnings();
      const pair = await createLinkPair();
      const { near, far } = await openChannel(pair);
      writeWithoutEnd(far.output(0));
      const failures = [once(near.input(0), 'error'), once(far.output(0), 'error')];
      const pending = [
        near.nextMessage(),
        far.nextMessage(),
        pair.client.nextChannel(),
        pair.daemon.nextChannel(),
      ];
      near.input(0).once('data', () => pair.sockets[side].destroy());
      const ends = await Promise.all([pair.client.ended, pair.daemon.ended]);
      expect(ends.map((end) => end.kind)).toEqual(['lost', 'lost']);
      for (const [error] of await Promise.all(failures)) expect(error).toMatchObject({ code: 'CLOSED' });
      expect(await Promise.all(pending)).toEqual([null, null, null, null]);
      expect(await near.ended).toMatchObject({ kind: 'link-ended', end: { kind: 'lost' } });
      await Promise.all([pair.client.closed, pair.daemon.closed]);

      expect(await pair.client.ping()).toBe(null);
      expect(() => pair.client.open({}, [])).toThrow('the link is closed');
      await Promise.all([pair.client.leave(), pair.daemon.leave()]);
      near.send({});
      near.close({});
      expect([pair.client.channelCount, pair.daemon.channelCount, warnings]).toEqual([0, 0, []]);
    },
  );

  it('in the middle of a frame says so', async () => {
    const { peer, daemon } = await createRawPair();
    peer.socket.end(Buffer.concat([HELLO, frame(0x10, 1, {}).subarray(0, 10)]));
    expect(await daemon.ended).toMatchObject({ kind: 'lost', error: { code: 'FRAME_TRUNCATED' } });
  });

  it('before it was attached ends all the same', async () => {
    const listening = await listenTemporarily();
    const pair = await connectLinks(listening);
    pair.sockets.daemon.destroy();
    await pair.daemon.closed;
    const late = attachLink(unixTransport(pair.sockets.daemon), DAEMON_GREETING);
    expect((await late.ended).kind).toBe('lost');
    await late.closed;
    expect(await late.peer).toBe(null);
  });
});

describe('the time for a hello', () => {
  it('is up after ten seconds: the peer is told, and the link ends', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const { peer, daemon } = await createRawPair();
      await vi.advanceTimersByTimeAsync(HELLO_TIMEOUT_MS);
      expect(await daemon.ended).toMatchObject({ kind: 'failed', error: { code: 'HELLO_TIMEOUT' } });
      expect(await peer.goawayCode()).toBe('HELLO_TIMEOUT');
      expect(await daemon.peer).toBe(null);
    } finally {
      vi.useRealTimers();
    }
  });

  it('leaves no timer behind when a hello came or the link ended', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const { client, daemon } = await createLinkPair();
      await Promise.all([client.peer, daemon.peer]);
      expect(vi.getTimerCount()).toBe(0);
      await client.leave();
      await Promise.all([client.closed, daemon.closed]);
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });
});
