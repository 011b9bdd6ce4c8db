import dgram from 'node:dgram';
import { once } from 'node:events';
import { describe, expect, it, onTestFinished } from 'vitest';
import { generateHostKey } from '../../../../src/auth/host-key.ts';
import { makeProbe, readProbeAnswer } from '../../../../src/auth/probe.ts';
import { listenUdp } from '../../../../src/daemon/listen/listen-udp.ts';
import type { Log } from '../../../../src/runtime/log.ts';
import { waitUntil } from '../../../fixtures/wait-until.ts';

const quiet = { debug() {}, info() {}, warn() {}, error() {} } as unknown as Log;
const login = { hostKeys: generateHostKey(), hostCertificate: null, authorizedKeys: [], revokedKeys: null };

describe('listeners for probes', () => {
  it('take all their answers from the limits of the daemon', async () => {
    const datagrams = { answered: 0, limited: 0, dropped: 0 };
    let left = 3;
    const context = { log: quiet, login, datagrams, probeLimits: { take: () => left-- > 0 } };
    const listen = async () => {
      const listener = await listenUdp({ kind: 'udp', host: '127.0.0.1', port: 0, pin: null }, context);
      onTestFinished(() => listener.close(Promise.resolve(), Promise.resolve()));
      return Number(new URL(listener.url).port);
    };
    const ports = [await listen(), await listen()];
    const socket = dgram.createSocket('udp4');
    onTestFinished(() => void socket.close());
    for (const port of ports)
      for (let index = 0; index < 4; index++)
        socket.send(makeProbe(Buffer.alloc(32, index)), port, '127.0.0.1');
    await waitUntil('all probes', () => datagrams.answered + datagrams.limited === 8);
    expect(datagrams).toEqual({ answered: 3, limited: 5, dropped: 0 });
  });

  it('go by another host key once it is to hold, and not before', async () => {
    const datagrams = { answered: 0, limited: 0, dropped: 0 };
    const context = { log: quiet, login, datagrams, probeLimits: { take: () => true } };
    const listener = await listenUdp({ kind: 'udp', host: '127.0.0.1', port: 0, pin: null }, context);
    onTestFinished(() => listener.close(Promise.resolve(), Promise.resolve()));
    const socket = dgram.createSocket('udp4');
    onTestFinished(() => void socket.close());
    const ask = async () => {
      socket.send(makeProbe(Buffer.alloc(32)), Number(new URL(listener.url).port), '127.0.0.1');
      const [answer] = (await once(socket, 'message')) as [Buffer];
      return readProbeAnswer(answer).key.blob;
    };
    const next = generateHostKey();
    const commit = await listener.load({ ...login, hostKeys: next });
    expect((await ask()).equals(login.hostKeys.publicKey.blob)).toBe(true);
    commit();
    expect((await ask()).equals(next.publicKey.blob)).toBe(true);
  });
});
