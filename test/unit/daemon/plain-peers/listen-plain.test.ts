import { once } from 'node:events';
import net from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { listenPlain, type PlainSession } from '../../../../src/daemon/plain-peers/listen-plain.ts';

describe('a listener for peers without a login', () => {
  it.each<[string, () => PlainSession]>([
    ['throws', () => expect.fail('a mistake')],
    ['rejects', () => ({ ended: Promise.reject(new Error('a mistake')), shutDown() {}, reset() {} })],
  ])('closes the connection of a peer whose service %s, and goes on', async (_what, serve) => {
    const codes: string[] = [];
    const listener = await listenPlain({
      scheme: 'talk',
      host: '127.0.0.1',
      port: 0,
      maxPeers: 1,
      serve,
      handleRefused: (_peer, { code }) => void codes.push(code),
      findUid: () => Promise.resolve('untold'),
    });
    onTestFinished(() => listener.close(Promise.resolve()));
    for (let peer = 0; peer < 2; peer++) {
      const socket = net.connect(Number(new URL(listener.url).port), '127.0.0.1');
      await once(socket.resume(), 'close');
    }
    expect([codes, listener.peers]).toEqual([['INTERNAL', 'INTERNAL'], 0]);
  });
});
