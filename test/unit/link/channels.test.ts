import { describe, expect, it } from 'vitest';
import { MAX_CHANNELS_PER_LINK } from '../../../src/protocol/limits.ts';
import { collectWarnings, createLinkPair } from '../../fixtures/link/link-pair.ts';

describe('the channels of a link', () => {
  it('bring requests, messages and last words, before the hello was answered', async () => {
    const { client, daemon } = await createLinkPair();
    const near = client.open({ service: 'test', text: '中文' }, []);
    near.send({ n: 1 });
    near.send({ n: 2 });
    const far = await daemon.nextChannel();
    expect(far?.request).toEqual({ service: 'test', text: '中文' });
    expect([await far?.nextMessage(), await far?.nextMessage()]).toEqual([{ n: 1 }, { n: 2 }]);
    far?.send({ pid: 7 });
    far?.close({ outcome: 'done' });
    expect(await near.nextMessage()).toEqual({ pid: 7 });
    expect(await near.ended).toEqual({ kind: 'closed', last: { outcome: 'done' } });
    expect(await near.nextMessage()).toBe(null);
    expect(await far?.ended).toEqual({ kind: 'closed', last: {} });
    expect([client.channelCount, daemon.channelCount]).toEqual([0, 0]);
  });

  it('can be opened by the daemon as well', async () => {
    const { client, daemon } = await createLinkPair();
    await daemon.peer;
    const near = daemon.open({ n: 1 }, []);
    const far = await client.nextChannel();
    expect([near.id, far?.id, far?.request]).toEqual([2, 2, { n: 1 }]);
    far?.abort({ no: true });
    expect(await near.ended).toEqual({ kind: 'closed', last: { no: true } });
  });

  it('are forgotten when they are over, thousands on one link, whoever closes first', async () => {
    const warnings = collectWarnings();
    const { client, daemon } = await createLinkPair();
    const serve = async (): Promise<void> => {
      for (let far = await daemon.nextChannel(); far; far = await daemon.nextChannel()) {
        if (far.request['closeBy'] === 'daemon') far.close({});
      }
    };
    const served = serve();
    for (let round = 0; round < 30; round++) {
      const channels = Array.from({ length: 100 }, (_, at) => {
        const near = client.open({ closeBy: at % 2 === 0 ? 'daemon' : 'client' }, [0]);
        if (at % 2 === 1) near.close({});
        return near;
      });
      await Promise.all(channels.map((channel) => channel.ended));
    }
    await client.ping();
    expect([client.channelCount, daemon.channelCount]).toEqual([0, 0]);
    await client.leave();
    await served;
    expect(warnings).toEqual([]);
  });

  it('are refused beyond the most, and only those', async () => {
    const { client } = await createLinkPair();
    const channels = Array.from({ length: MAX_CHANNELS_PER_LINK }, () => client.open({}, []));
    expect(() => client.open({}, [])).toThrow(`already has ${MAX_CHANNELS_PER_LINK} open channels`);
    channels[0]?.abort({});
    await channels[0]?.ended;
    expect(() => client.open({}, [])).not.toThrow();
  });

  it('refuse a last word that is too long where it is given, and stay open', async () => {
    const { client, daemon } = await createLinkPair();
    const near = client.open({}, []);
    const far = await daemon.nextChannel();
    const long = { text: 'x'.repeat(17 * 1024 * 1024) };
    for (const say of ['send', 'close', 'abort'] as const)
      expect(() => far?.[say](long)).toThrow('control message');
    far?.close({ ok: true });
    expect(await near.ended).toEqual({ kind: 'closed', last: { ok: true } });
  });
});

describe('a ping', () => {
  it('measures a round trip, several at once', async () => {
    const { client, daemon } = await createLinkPair();
    const rtts = await Promise.all([client.ping(), client.ping(), daemon.ping(), client.ping()]);
    for (const rttMs of rtts) expect(rttMs).toBeGreaterThan(0);
  });

  it('is answered with null when the link ends before', async () => {
    const { client, sockets } = await createLinkPair();
    await client.peer;
    sockets.daemon.pause();
    const pings = [client.ping(), client.ping()];
    sockets.client.destroy();
    expect(await Promise.all(pings)).toEqual([null, null]);
  });
});
