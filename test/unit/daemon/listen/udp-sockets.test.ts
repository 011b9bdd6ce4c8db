import dgram from 'node:dgram';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openUdpSockets } from '../../../../src/daemon/listen/udp-sockets.ts';
import { codeOfAsync } from '../../../fixtures/auth/fixtures.ts';

/** Sockets that send each datagram back. */
async function openEcho(host: string, own: readonly string[] = []) {
  const addresses = [...own];
  const problems: string[] = [];
  const handlers = {
    handleDatagram: (datagram: Buffer, { port, address }: dgram.RemoteInfo, socket: dgram.Socket) =>
      socket.send(datagram, port, address),
    handleError: ({ message }: Error) => void problems.push(message),
  };
  const sockets = await openUdpSockets({ host, port: 0 }, handlers, () => [...addresses]);
  onTestFinished(sockets.close);
  return { sockets, addresses, problems };
}

/** What a client gets that takes answers from the address alone that it has asked. */
async function ask(address: string, port: number): Promise<string> {
  const socket = dgram.createSocket('udp4');
  onTestFinished(() => void socket.close());
  socket.connect(port, address);
  await once(socket, 'connect');
  socket.send('hello');
  return once(socket, 'message').then(
    ([answer]) => String(answer),
    (error: NodeJS.ErrnoException) => error.code ?? '',
  );
}

const OWN = ['127.0.0.1', '127.0.0.2'];

describe.runIf(process.platform === 'linux')('sockets for datagrams', () => {
  it.each([
    ['0.0.0.0', OWN],
    ['::', OWN],
    ['127.0.0.2', []],
  ])('at %s answer from the address that was asked', async (host, own) => {
    const { sockets, problems } = await openEcho(host, own);
    for (const address of own.length === 0 ? [host] : own)
      expect(await ask(address, sockets.port), address).toBe('hello');
    expect(problems).toEqual([]);
  });

  it('at a wildcard address follow the addresses of the machine', async () => {
    const { sockets, addresses } = await openEcho('0.0.0.0', ['127.0.0.1']);
    expect(await ask('127.0.0.2', sockets.port)).toBe('ECONNREFUSED');
    addresses.splice(0, 1, '127.0.0.2');
    await sockets.refresh();
    expect(await ask('127.0.0.2', sockets.port)).toBe('hello');
    expect(await ask('127.0.0.1', sockets.port)).toBe('ECONNREFUSED');
  });

  it('report an address that cannot be used once, and serve the others', async () => {
    const { sockets, problems } = await openEcho('0.0.0.0', ['192.0.2.1', '127.0.0.1']);
    await sockets.refresh();
    expect([problems, await ask('127.0.0.1', sockets.port)]).toEqual([
      [expect.stringContaining('EADDRNOTAVAIL')],
      'hello',
    ]);
  });

  it('open none once they are closed', async () => {
    const { sockets } = await openEcho('0.0.0.0', ['127.0.0.1']);
    const refreshing = sockets.refresh();
    sockets.close();
    await refreshing;
    await sockets.refresh();
    expect(await ask('127.0.0.1', sockets.port)).toBe('ECONNREFUSED');
  });

  it.runIf(existsSync('/proc/self/fd'))('leave no descriptor behind when they cannot be opened', async () => {
    const fail = () => codeOfAsync(() => openEcho('192.0.2.1'));
    expect(await fail()).toBe('LISTEN_FAILED');
    const before = readdirSync('/proc/self/fd').length;
    for (let time = 0; time < 50; time++) await fail();
    expect(readdirSync('/proc/self/fd').length).toBeLessThan(before + 25);
  });
});
