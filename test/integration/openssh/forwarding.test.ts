import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { REXA_LAUNCHER } from '../../fixtures/daemon.ts';
import { startRexa } from '../../fixtures/run-rexa.ts';
import { findClosedPort, startSocketServer } from '../../fixtures/socket-server.ts';
import { type ConfiguredHost, startConfiguredHost } from '../../fixtures/ssh-config/configured-host.ts';

let shared = 0;

/** Shares a connection in the background until the test is over. Stdout and stderr stay open there, as with ssh. */
async function forward(name: string, ...words: readonly string[]): Promise<void> {
  const socket = join(host.folder, `${name}${shared++}`);
  expect(await host.leave('-f', '-N', '-M', '-S', socket, ...words, 'somehost')).toBe(0);
  onTestFinished(async () => void (await host.ssh('-S', socket, '-O', 'exit', 'somehost')));
}

/** The status of a call through a port. */
const callAt = async (port: number, ...words: readonly string[]) =>
  (await host.ssh('-p', String(port), ...words, 'somehost', 'true')).status;

let host: ConfiguredHost;
beforeAll(async () => {
  host = await startConfiguredHost();
});
afterAll(() => host[Symbol.asyncDispose]());

describe('forwardings of rexa ssh', () => {
  it('carry the connections of others through a chain of them', async () => {
    const [one, two, three] = [await findClosedPort(), await findClosedPort(), await findClosedPort()];
    const chain = ['-L', `${one}:127.0.0.1:${two}`, '-R', `${two}:127.0.0.1:${three}`];
    await forward('c', ...chain, '-L', `${three}:127.0.0.1:${host.daemon.port}`);
    expect(await callAt(one)).toBe(0);
  });

  it('carry them through a chain of Unix sockets', async () => {
    const port = await findClosedPort();
    const [one, two, three] = ['1', '2', '3'].map((name) => `[${join(host.folder, name)}]`);
    await forward('c', '-R', `${port}:${one}`);
    await forward('d', '-L', `${one}:${two}`);
    await forward('e', '-R', `${two}:${three}`);
    await forward('f', '-L', `${three}:127.0.0.1:${host.daemon.port}`);
    expect(await callAt(port)).toBe(0);
  });

  it.each(['-L', '-R'])('with ExitOnForwardFailure fail where one of %s cannot listen', async (letter) => {
    const ports = [await findClosedPort(), await findClosedPort()];
    // One that is given twice counts once
    const specs = (list: readonly number[]) =>
      list.flatMap((port, index) => [letter, `${port}:127.0.0.1:${index + 1}`]);
    const call = async (list: readonly number[]) =>
      (await host.ssh('-q', '-o', 'ExitOnForwardFailure=yes', ...specs(list), 'somehost', 'true')).status;
    expect(await call(ports)).toBe(0);
    expect(await call([...ports, ports[0] ?? 0])).toBe(255);
  });

  it('are those of the file, which ClearAllForwardings clears with those of the options', async () => {
    const [local, remote, given] = [await findClosedPort(), await findClosedPort(), await findClosedPort()];
    appendFileSync(
      host.config,
      `Host forwards\n LocalForward ${local} 127.0.0.1:${host.daemon.port}\n RemoteForward ${remote} 127.0.0.1:${local}\n`,
    );
    const socket = join(host.folder, 'c');
    for (const clears of [false, true]) {
      const words = [
        '-o',
        `ClearAllForwardings=${clears ? 'yes' : 'no'}`,
        '-L',
        `${given}:127.0.0.1:${local}`,
      ];
      expect(await host.leave('-f', '-N', '-M', '-S', socket, ...words, 'forwards')).toBe(0);
      for (const port of [local, remote, given]) expect(await callAt(port)).toBe(clears ? 255 : 0);
      await host.ssh('-S', socket, '-O', 'exit', 'forwards');
    }
  });

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'end on the host with -N, which %s ends',
    async (signal) => {
      const port = await findClosedPort();
      const words = ['-v', '-N', '-R', `${port}:127.0.0.1:1`, 'somehost'];
      const env = { HOME: host.folder, SSH_AUTH_SOCK: '' };
      const { child, exit, untilStderr } = startRexa(['ssh', '-F', host.config, ...words], { env });
      await untilStderr('nothing is run');
      child.kill(signal);
      await exit;
      const again = ['-o', 'ExitOnForwardFailure=yes', '-R', `${port}:127.0.0.1:1`, 'somehost', 'true'];
      expect((await host.ssh(...again)).status).toBe(0);
    },
  );

  it('join stdin and stdout with -W, as the ProxyCommand of another call', async () => {
    const program = `${REXA_LAUNCHER} ssh -F ${host.config} -q -W 127.0.0.1:${host.daemon.port} somehost`;
    const called = await host.ssh('-o', `ProxyCommand=${program}`, 'elsewhere', 'echo there');
    expect([called.status, called.stdout.toString(), called.stderr]).toEqual([0, 'there\n', '']);
  });

  it.each<[value: string, permitted: boolean]>([
    ['any', true],
    ['none', false],
    ['127.0.0.1:PORT localhost:PORT', true],
    ['127.0.0.1:1 localhost:1', false],
  ])('serve SOCKS on the host where PermitRemoteOpen is %s: %s', async (value, permitted) => {
    const [port, server] = [
      await findClosedPort(),
      await startSocketServer((socket) => void socket.end('hello')),
    ];
    const places = value.replaceAll('PORT', String(server.port));
    await forward('c', '-o', `PermitRemoteOpen=${places}`, '-R', `${port}`);
    const curl = `curl -s --socks5 127.0.0.1:${port} telnet://127.0.0.1:${server.port} </dev/null`;
    const { stdout } = await host.ssh('somehost', `${curl}; echo " $?"`);
    expect(stdout.toString()).toBe(permitted ? 'hello 0\n' : ' 97\n');
  });
});
