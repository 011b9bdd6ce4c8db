import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createPayloadHolders } from '../../../src/link/payload-holders.ts';
import { RexaError } from '../../../src/protocol/errors.ts';
import { unixTransport } from '../../../src/transports/unix.ts';
import { startChaosProxy } from '../../fixtures/chaos-proxy.ts';
import { openClient, openSetup } from '../../fixtures/link/resumable-pair.ts';
import { readPattern, writePattern } from '../../fixtures/link/stream-bytes.ts';
import { connectRaw, frame, type RawPeer } from '../../fixtures/raw-peer.ts';
import { waitUntil } from '../../fixtures/wait-until.ts';

const MIB = 1024 * 1024;
const ID = '0123456789abcdef'.repeat(2);
const SECRET = 'a'.repeat(64);

function helloOf(epoch: number, secret: string, id = ID): Buffer {
  return frame(0x01, 0, {
    protocol: [1, 1],
    agent: 'raw',
    features: ['resume'],
    link: { id, epoch, secret },
  });
}

/** The next control frame of this type, what comes before it being dropped. */
async function awaitControl(peer: RawPeer, type: number): Promise<Record<string, unknown>> {
  for (let next = await peer.next(); next !== null; next = await peer.next())
    if (next.type === type) return JSON.parse(next.payload.toString()) as Record<string, unknown>;
  throw new Error(`no frame of type ${type} came`);
}

/** Says hello for a link that is there already, and proves that it is ours, by docs/protocol.md, 8. */
async function reattach(
  path: string,
  { epoch, received = 0, ageMs = 60_000, linkSecret = SECRET, id = ID }: Partial<Attachment>,
): Promise<RawPeer> {
  const peer = await connectRaw(path);
  const secret = 'b'.repeat(64);
  peer.send(helloOf(epoch ?? 2, secret, id));
  const { nonce } = await awaitControl(peer, 0x07);
  const lines = ['rexa-attach-v1', secret, nonce, id, epoch ?? 2, received, ''];
  const proof = createHmac('sha256', Buffer.from(linkSecret, 'hex')).update(lines.join('\n')).digest('hex');
  peer.send(frame(0x08, 0, { proof, epoch: epoch ?? 2, received, ageMs }));
  return peer;
}

interface Attachment {
  readonly epoch: number;
  readonly received: number;
  readonly ageMs: number;
  readonly linkSecret: string;
  readonly id: string;
}

describe('a link whose connections are cut', () => {
  it('carries streams both ways as if nothing had been, and gives memory back only when it is acknowledged', async () => {
    let given = 0;
    const holder = createPayloadHolders((payload) => {
      given += payload.length;
      payload.fill(0xee);
    });
    const house = await openSetup({ holder });
    const client = await openClient(house);
    const near = client.open({}, [0]);
    const far = await (await house.nextLink()).nextChannel();
    if (!far) throw new Error('no channel came');
    void writePattern(far.output(0), 1, 32 * MIB, 300_001).then(() => far.output(0).end());
    void writePattern(near.output(0), 2, 32 * MIB, 100_003).then(() => near.output(0).end());
    let isOver = false;
    const reading = Promise.all([readPattern(near.input(0), 1), readPattern(far.input(0), 2)]).finally(() => {
      isOver = true;
    });
    while (!isOver) {
      for (let turns = 0; turns < 20; turns++) await turn();
      house.cutAll();
    }
    expect(await reading).toEqual([32 * MIB, 32 * MIB]);
    expect(client.resumedCount).toBeGreaterThan(2);
    expect(given).toBeGreaterThan(0);
    far.close({ done: true });
    expect(await near.ended).toEqual({ kind: 'closed', last: { done: true } });
  });

  it('answers a ping that was under way', async () => {
    const house = await openSetup();
    const client = await openClient(house);
    await client.peer;
    const ping = client.ping();
    house.cutAll();
    expect(await ping).toBeGreaterThan(0);
    expect(client.resumedCount).toBe(1);
  });

  it('is over at once when either side leaves: a goaway is no loss', async () => {
    const house = await openSetup();
    const client = await openClient(house);
    await client.peer;
    await client.leave();
    expect((await (await house.nextLink()).ended).kind).toBe('goaway');
    expect(house.links.length).toBe(1);
  });

  it('takes what is asked for meanwhile, and does it afterwards', async () => {
    const house = await openSetup();
    const client = await openClient(house);
    await client.peer;
    house.cutAll();
    const near = client.open({ late: true }, []);
    const far = await (await house.nextLink()).nextChannel();
    expect(far?.request).toEqual({ late: true });
    far?.close({ ok: true });
    expect(await near.ended).toEqual({ kind: 'closed', last: { ok: true } });
  });

  it.each(['HELLO_TIMEOUT', 'CONNECTIONS_EXHAUSTED'])(
    'tries again after a daemon has told it %s',
    async (code) => {
      const house = await openSetup();
      const turnedAway = createServer((socket) =>
        socket.end(frame(0x02, 0, { error: { code, message: '' } })),
      );
      turnedAway.listen(join(dirname(house.path), 'other'));
      await once(turnedAway, 'listening');
      onTestFinished(() => void turnedAway.close());
      let dials = 0;
      const client = await openClient(house, {
        dial: async () => ({
          transport: unixTransport(connect(dials++ === 0 ? (turnedAway.address() as string) : house.path)),
        }),
      });
      await client.peer;
      const near = client.open({}, []);
      house.cutAll();
      (await (await house.nextLink()).nextChannel())?.close({ ok: true });
      expect(await near.ended).toEqual({ kind: 'closed', last: { ok: true } });
      expect(dials).toBe(2);
    },
  );

  it('is given up after its time, and says of what was never sent that it was not', async () => {
    const house = await openSetup();
    const waiting = Promise.withResolvers<void>();
    const statuses: string[] = [];
    const client = await openClient(house, {
      reconnectForMs: 50,
      dial: () => Promise.reject(new RexaError('CONNECT_FAILED', ['there', 'nobody'])),
      handleStatus({ kind }) {
        statuses.push(kind);
        waiting.resolve();
      },
    });
    const sent = client.open({}, []);
    await client.peer;
    house.cutAll();
    await waiting.promise;
    const unsent = client.open({}, []);
    expect(await sent.ended).toMatchObject({ kind: 'link-ended', wasSent: true, end: { kind: 'lost' } });
    expect(await unsent.ended).toMatchObject({ kind: 'link-ended', wasSent: false, end: { kind: 'lost' } });
    expect([statuses[0], statuses.at(-1)]).toEqual(['waiting', 'given-up']);
  });
});

describe('a second attachment', () => {
  it('replaces the first, whose socket is closed, and what was counted stays', async () => {
    const house = await openSetup();
    const first = await connectRaw(house.path);
    first.send(helloOf(1, SECRET), frame(0x10, 1, { n: 1 }));
    const link = await house.nextLink();
    expect((await link.nextChannel())?.request).toEqual({ n: 1 });
    const second = await reattach(house.path, { epoch: 2 });
    expect(await awaitControl(second, 0x09)).toEqual({ verdict: 'attached', received: 1 });
    expect(await first.goawayCode()).toBe(null);
    second.send(frame(0x10, 3, { n: 2 }));
    expect((await link.nextChannel())?.request).toEqual({ n: 2 });
    expect(house.links[1]?.movedTo).toBe(link);
  });

  it('gets again what it says that it lacks', async () => {
    const house = await openSetup();
    const first = await connectRaw(house.path);
    first.send(helloOf(1, SECRET), frame(0x10, 1, {}));
    const link = await house.nextLink();
    const channel = await link.nextChannel();
    channel?.send({ n: 1 });
    channel?.send({ n: 2 });
    await awaitControl(first, 0x11);
    const second = await reattach(house.path, { epoch: 7, received: 1 });
    expect(await awaitControl(second, 0x11)).toEqual({ n: 2 });
  });

  it.each<[string, Partial<Attachment>, string]>([
    ['with a wrong secret', { epoch: 2, linkSecret: 'c'.repeat(64) }, 'LINK_UNKNOWN'],
    ['of an epoch that was before', { epoch: 3 }, 'LINK_UNKNOWN'],
    ['that has more than was sent', { epoch: 4, received: 1000 }, 'FRAME_MISPLACED'],
  ])('%s is refused', async (_name, attachment, code) => {
    const house = await openSetup();
    const first = await connectRaw(house.path);
    first.send(helloOf(1, SECRET), frame(0x10, 1, {}));
    await (await house.nextLink()).nextChannel();
    await awaitControl(await reattach(house.path, { epoch: 3 }), 0x09);
    const peer = await reattach(house.path, attachment);
    expect(await peer.goawayCode()).toBe(code);
  });

  it('by somebody else learns nothing, and leaves the link to its owner', async () => {
    const house = await openSetup();
    const first = await connectRaw(house.path);
    first.send(helloOf(1, SECRET), frame(0x10, 1, {}));
    const link = await house.nextLink();
    await link.nextChannel();
    house.setIdentity('bob');
    const other = await reattach(house.path, { epoch: 2 });
    expect(await awaitControl(other, 0x09)).toEqual({ verdict: 'forgotten', received: 0 });
    first.send(frame(0x10, 3, { still: 'mine' }));
    expect((await link.nextChannel())?.request).toEqual({ still: 'mine' });
  });

  it('that counts what cannot be ends the link: nobody knows what the peer has', async () => {
    const house = await openSetup();
    const first = await connectRaw(house.path);
    first.send(helloOf(1, SECRET), frame(0x10, 1, {}));
    const link = await house.nextLink();
    await link.nextChannel();
    await (await reattach(house.path, { epoch: 2, received: 5 })).goawayCode();
    expect((await link.ended).kind).toBe('lost');
  });
});

describe('a link that the daemon does not have', () => {
  it('was never seen if it is younger than the daemon, and begins with that connection', async () => {
    const house = await openSetup();
    const peer = await reattach(house.path, { ageMs: 0 });
    expect(await awaitControl(peer, 0x09)).toEqual({ verdict: 'never-seen', received: 0 });
    peer.send(frame(0x10, 1, { again: true }));
    expect((await (await house.nextLink()).nextChannel())?.request).toEqual({ again: true });
  });

  it('is founded anew as long as nothing has come of it, and never again after that', async () => {
    const house = await openSetup();
    await awaitControl(await reattach(house.path, { epoch: 2, ageMs: 0 }), 0x09);
    const third = await reattach(house.path, { epoch: 3, ageMs: 0 });
    expect(await awaitControl(third, 0x09)).toMatchObject({ verdict: 'never-seen' });
    third.send(frame(0x10, 1, {}));
    await waitUntil('the request has come', () => house.links.at(-1)?.channelCount === 1);
    const late = await reattach(house.path, { epoch: 4, ageMs: 0 });
    expect(await late.goawayCode()).toBe('LINK_UNKNOWN');
  });

  it.each([
    ['is older than the daemon', 60_000],
    ['has an age that nobody can have', Number.MAX_SAFE_INTEGER],
  ])('is forgotten if it %s', async (_name, ageMs) => {
    const house = await openSetup();
    expect(await awaitControl(await reattach(house.path, { ageMs }), 0x09)).toMatchObject({
      verdict: 'forgotten',
    });
  });

  it('is forgotten if it is over, however young it is', async () => {
    const house = await openSetup();
    const first = await connectRaw(house.path);
    first.send(helloOf(1, SECRET), frame(0x10, 1, {}), frame(0x02, 0, {}));
    await (await house.nextLink()).ended;
    expect(await awaitControl(await reattach(house.path, { ageMs: 0 }), 0x09)).toMatchObject({
      verdict: 'forgotten',
    });
  });

  it('is not made by a first hello whose id is known', async () => {
    const house = await openSetup();
    const first = await connectRaw(house.path);
    first.send(helloOf(1, SECRET), frame(0x10, 1, {}));
    await (await house.nextLink()).nextChannel();
    const second = await connectRaw(house.path);
    second.send(helloOf(1, SECRET), frame(0x10, 1, {}));
    expect(await second.goawayCode()).toBe('LINK_UNKNOWN');
    expect(house.links.map(({ channelCount }) => channelCount)).toEqual([1, 0]);
  });
});

describe('a peer that is silent', () => {
  it('is found by both ends, and the link goes on over another connection once it can', async () => {
    const house = await openSetup({ keepaliveMs: 50 });
    await using proxy = await startChaosProxy({ path: house.path }, 'unix', 1);
    const client = await openClient(proxy.place as { path: string }, { keepaliveMs: 50 });
    const near = client.open({}, [0]);
    const far = await (await house.nextLink()).nextChannel();
    if (!far) throw new Error('no channel came');
    await client.peer;
    proxy.freeze();
    far.output(0).end('a word');
    await waitUntil('the daemon has closed its end', () => house.sockets[0]?.destroyed === true);
    await waitUntil('the client has come again', () => proxy.taken > 1);
    proxy.cutAll();
    proxy.thaw();
    const chunks = await near.input(0).toArray();
    expect(Buffer.concat(chunks as Buffer[]).toString()).toBe('a word');
  });

  it('is waited for when it has said so', async () => {
    const house = await openSetup({ keepaliveMs: 20 });
    const peer = await connectRaw(house.path);
    peer.send(helloOf(1, SECRET), frame(0x10, 1, {}), frame(0x0b, 0));
    const link = await house.nextLink();
    await link.nextChannel();
    const other = await connectRaw(house.path);
    other.send(helloOf(1, SECRET, 'f'.repeat(32)));
    await waitUntil('one that has not is dead', () => house.sockets[1]?.destroyed === true);
    expect(house.sockets[0]?.destroyed).toBe(false);
  });

  it('is alive as long as any byte of it comes', async () => {
    const house = await openSetup({ keepaliveMs: 50 });
    const peer = await connectRaw(house.path);
    peer.send(helloOf(1, SECRET));
    const other = await connectRaw(house.path);
    other.send(helloOf(1, SECRET, 'f'.repeat(32)));
    await waitUntil('the silent one is dead', () => {
      peer.send(frame(0x04, 0, '12345678'));
      return house.sockets[1]?.destroyed === true;
    });
    expect(house.sockets[0]?.destroyed).toBe(false);
  });
});

describe('a link whose client is a process on this machine', () => {
  it.each([
    ['is over at once when that process is gone', process.pid, true, 'lost'],
    ['is resumed while that process lives', process.pid, false, 'resumed'],
    ['is resumed when the process at the other end was a forwarder', 1, true, 'resumed'],
  ])('%s', async (_what, pid, isGone, expected) => {
    const house = await openSetup({ peerProcess: { pid, isGone: () => isGone } });
    const client = await openClient(house);
    const near = client.open({}, []);
    const link = await house.nextLink();
    const far = await link.nextChannel();
    house.cutAll();
    if (expected === 'lost') {
      expect((await link.ended).kind).toBe('lost');
      return;
    }
    await waitUntil('the link is resumed', () => link.resumedCount > 0);
    far?.close({});
    expect((await near.ended).kind).toBe('closed');
  });
});
