import { describe, expect, it } from 'vitest';
import { RELAYED_CONTROL_BYTES } from '../../../src/link/limits.ts';
import type { Link } from '../../../src/link/link.ts';
import { relayChannels } from '../../../src/link/relay-channels.ts';
import { createLinkPair } from '../../fixtures/link/link-pair.ts';
import { waitUntil } from '../../fixtures/wait-until.ts';

/** A client and a daemon, and a process between them that joins their channels. */
async function createRelay() {
  const [inner, outer] = [await createLinkPair(), await createLinkPair()];
  void joinAll(inner.daemon, outer.client);
  return { client: inner.client, daemon: outer.daemon, inner, outer };
}

async function joinAll(from: Link, to: Link): Promise<void> {
  for (let channel = await from.nextChannel(); channel !== null; channel = await from.nextChannel())
    relayChannels(channel, to.open(channel.request, []));
}

async function openRelayed({
  client,
  daemon,
}: Pick<Awaited<ReturnType<typeof createRelay>>, 'client' | 'daemon'>) {
  const near = client.open({ n: 1 }, [0]);
  const far = await daemon.nextChannel();
  if (far === null) throw new Error('no channel came');
  return { near, far };
}

/** Writes a value as it is given: newer than the types of the language. */
const { rawJSON: rawJson } = JSON as unknown as { rawJSON(text: string): unknown };

describe('relayed channels', () => {
  it('pass on messages, bytes and last words in their order', async () => {
    const { near, far } = await openRelayed(await createRelay());
    far.output(0).end('bytes');
    far.send({ n: 2 });
    near.send({ n: 3 });
    expect(await far.nextMessage()).toEqual({ n: 3 });
    expect(await near.nextMessage()).toEqual({ n: 2 });
    expect(await near.input(0).toArray()).toEqual([Buffer.from('bytes')]);
    far.close({ ok: true });
    expect(await near.ended).toEqual({ kind: 'closed', last: { ok: true } });
  });

  it('end with what one peer may say and the other one may not be told, and nothing else does', async () => {
    const relay = await createRelay();
    const { near, far } = await openRelayed(relay);
    // 5 bytes each as it is said, and 22 as it is passed on
    far.send({ numbers: Array.from({ length: 800_000 }, () => rawJson('1e20')) });
    expect(await near.ended).toMatchObject({ last: { error: { code: 'CONTROL_TOO_LARGE' } } });
    expect(await far.ended).toMatchObject({ last: { error: { code: 'CONTROL_TOO_LARGE' } } });
    const other = await openRelayed(relay);
    other.far.close({ n: 4 });
    expect(await other.near.ended).toEqual({ kind: 'closed', last: { n: 4 } });
  });

  it('end with what was said before they were joined, too', async () => {
    const [inner, outer] = [await createLinkPair(), await createLinkPair()];
    await Promise.all([inner.client.peer, outer.client.peer]);
    const far = outer.daemon.open({}, []);
    far.send({ numbers: Array.from({ length: 800_000 }, () => rawJson('1e20')) });
    const opened = await outer.client.nextChannel();
    await outer.daemon.ping();
    if (opened === null) throw new Error('no channel came');
    relayChannels(inner.daemon.open({}, []), opened);
    const near = await inner.client.nextChannel();
    for (const each of [far, near])
      expect(await each?.ended).toMatchObject({ last: { error: { code: 'CONTROL_TOO_LARGE' } } });
  });

  it('end where one peer sends more messages than the other one reads', async () => {
    const relay = await createRelay();
    const { near, far } = await openRelayed(relay);
    near.takeMessages(() => undefined);
    relay.inner.sockets.client.pause();
    const message = { text: 'x'.repeat(100_000) };
    let isOver = false;
    void far.ended.then(() => {
      isOver = true;
    });
    let bytes = 0;
    await waitUntil('it is given up', async () => {
      for (let each = 0; each < 10 && !isOver; each++, bytes += message.text.length) far.send(message);
      await relay.daemon.ping();
      return isOver;
    });
    expect(await far.ended).toMatchObject({ last: { error: { code: 'RELAY_TOO_SLOW' } } });
    expect(bytes).toBeLessThan(3 * RELAYED_CONTROL_BYTES);
    relay.inner.sockets.client.resume();
    expect(await near.ended).toMatchObject({ last: { error: { code: 'RELAY_TOO_SLOW' } } });
    expect(relay.inner.daemon.isBehind).toBe(false);
  });
});

describe('a ping whose answer waits for something else', () => {
  it('is answered after that', async () => {
    const { client, daemon } = await createLinkPair();
    const held = Promise.withResolvers<void>();
    daemon.answerPings(() => held.promise);
    let isAnswered = false;
    const ping = client.ping().then((rttMs) => {
      isAnswered = true;
      return rttMs;
    });
    await daemon.ping();
    expect(isAnswered).toBe(false);
    held.resolve();
    expect(await ping).toBeGreaterThan(0);
  });

  it('is answered at once where too many wait', async () => {
    const { client, daemon } = await createLinkPair();
    daemon.answerPings(() => new Promise(() => {}));
    const answered: number[] = [];
    for (let each = 0; each < 20; each++) void client.ping().then(() => answered.push(each));
    await waitUntil('some are answered', () => answered.length === 4);
    expect(answered).toEqual([16, 17, 18, 19]);
    await client.leave();
  });
});
