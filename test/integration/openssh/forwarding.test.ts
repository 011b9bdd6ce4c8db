import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { REXA_LAUNCHER } from '../../fixtures/daemon.ts';
import { findClosedPort } from '../../fixtures/socket-server.ts';
import { type ConfiguredHost, startConfiguredHost } from '../../fixtures/ssh-config/configured-host.ts';

/** Shares a connection in the background until the test is over. */
async function forward(host: ConfiguredHost, name: string, ...words: readonly string[]): Promise<void> {
  const socket = join(host.folder, name);
  const { status, stderr } = await host.ssh('-f', '-N', '-M', '-S', socket, ...words, 'somehost');
  expect([status, stderr]).toEqual([0, '']);
  onTestFinished(async () => void (await host.ssh('-S', socket, '-O', 'exit', 'somehost')));
}

/** The status of a call through a port. */
const callAt = async (host: ConfiguredHost, port: number, ...words: readonly string[]) =>
  (await host.ssh('-p', String(port), ...words, 'somehost', 'true')).status;

describe('forwardings of rexa ssh', () => {
  it('carry the connections of others through a chain of them', async () => {
    await using host = await startConfiguredHost();
    const [one, two, three] = [await findClosedPort(), await findClosedPort(), await findClosedPort()];
    const chain = ['-L', `${one}:127.0.0.1:${two}`, '-R', `${two}:127.0.0.1:${three}`];
    await forward(host, 'c', ...chain, '-L', `${three}:127.0.0.1:${host.daemon.port}`);
    expect(await callAt(host, one)).toBe(0);
  });

  it('carry them through a chain of Unix sockets', async () => {
    await using host = await startConfiguredHost();
    const port = await findClosedPort();
    const [one, two, three] = ['1', '2', '3'].map((name) => `[${join(host.folder, name)}]`);
    await forward(host, 'c', '-R', `${port}:${one}`);
    await forward(host, 'd', '-L', `${one}:${two}`);
    await forward(host, 'e', '-R', `${two}:${three}`);
    await forward(host, 'f', '-L', `${three}:127.0.0.1:${host.daemon.port}`);
    expect(await callAt(host, port)).toBe(0);
  });

  it.each(['-L', '-R'])('with ExitOnForwardFailure fail where one of %s cannot listen', async (letter) => {
    await using host = await startConfiguredHost();
    const ports = [await findClosedPort(), await findClosedPort()];
    const specs = (list: readonly number[]) => list.flatMap((port) => [letter, `${port}:127.0.0.1:1`]);
    const call = async (list: readonly number[]) =>
      (await host.ssh('-q', '-o', 'ExitOnForwardFailure=yes', ...specs(list), 'somehost', 'true')).status;
    expect(await call(ports)).toBe(0);
    expect(await call([...ports, ports[0] ?? 0])).toBe(255);
  });

  it('are those of the file, which ClearAllForwardings clears with those of the options', async () => {
    await using host = await startConfiguredHost();
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
      await host.ssh('-f', '-N', '-M', '-S', socket, ...words, 'forwards');
      for (const port of [local, remote, given]) expect(await callAt(host, port)).toBe(clears ? 255 : 0);
      await host.ssh('-S', socket, '-O', 'exit', 'forwards');
    }
  });

  it('join stdin and stdout with -W, as the ProxyCommand of another call', async () => {
    await using host = await startConfiguredHost();
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
    await using host = await startConfiguredHost();
    const port = await findClosedPort();
    const { daemon } = host;
    await forward(
      host,
      'c',
      '-o',
      `PermitRemoteOpen=${value.replaceAll('PORT', String(daemon.port))}`,
      '-R',
      `${port}`,
    );
    const curl = `curl -s --socks5 127.0.0.1:${port} telnet://127.0.0.1:${daemon.port} </dev/null`;
    const { stdout } = await host.ssh('somehost', `${curl}; echo $?`);
    expect(stdout.toString().trim() === '97').toBe(!permitted);
  });
});
