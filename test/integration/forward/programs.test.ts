import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import http from 'node:http';
import type net from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startDaemon } from '../../fixtures/daemon.ts';
import { runRexa, type StartedRexa, startRexa } from '../../fixtures/run-rexa.ts';
import { findClosedPort, startSocketServer } from '../../fixtures/socket-server.ts';
import { waitUntil } from '../../fixtures/wait-until.ts';

const run = promisify(execFile);

/** An HTTP server that answers with the path and the length of what it was sent. @returns its port */
async function startWeb(): Promise<number> {
  const server = http.createServer((request, response) => {
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
    });
    request.on('end', () => response.end(`${request.url} ${length}`));
  });
  server.listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return (server.address() as net.AddressInfo).port;
}

/** What curl prints, and its exit status. */
async function curl(...words: readonly string[]): Promise<string> {
  try {
    const { stdout } = await run('curl', ['-s', '-m', '60', ...words]);
    return stdout;
  } catch (error) {
    return `status ${(error as { code: number }).code}`;
  }
}

/** Starts a call that goes on, until the test is over, and waits for the ports that it was given. */
async function startForward(
  words: readonly string[],
  ports: number,
): Promise<StartedRexa & { allocated: string[] }> {
  const rexa = startRexa(words);
  onTestFinished(() => void rexa.child.kill('SIGTERM'));
  const allocated: string[] = [];
  let text = '';
  await new Promise<void>((resolve, reject) => {
    rexa.child.stderr?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const found = [...text.matchAll(/Allocated port (\d+) for/g)].map(([, port = '']) => port);
      if (found.length < ports) return;
      allocated.splice(0, Infinity, ...found);
      resolve();
    });
    void rexa.exit.then(({ stderr }) => reject(new Error(stderr)));
  });
  return { ...rexa, allocated };
}

describe('rexa forward', () => {
  it('serves curl through -L, -R, -D, a remote SOCKS server and a Unix socket', async () => {
    const web = await startWeb();
    await using daemon = await startDaemon();
    const path = join(daemon.folder, 'forwarded');
    const to = `localhost:${web}`;
    const specs = ['-L', `${path}:${to}`, '-L', `0:${to}`, '-R', `0:${to}`, '-D', '0', '-R', '0'];
    const { allocated, child, exit } = await startForward(['forward', daemon.address, ...specs], 4);
    // In the order -L, -R, -R, -D
    const [local, remote, remoteSocks, socks] = allocated;
    const proxied = `http://${to}/proxied`;
    expect([
      await curl(`http://127.0.0.1:${local}/local`),
      await curl(`http://[::1]:${local}/ipv6`),
      await curl(`http://127.0.0.1:${remote}/remote`, '-d', 'four'),
      await curl('--unix-socket', path, 'http://host/unix'),
      await curl('--socks5-hostname', `127.0.0.1:${socks}`, proxied),
      await curl('--socks5', `127.0.0.1:${socks}`, proxied),
      await curl('--socks4a', `127.0.0.1:${socks}`, proxied),
      await curl('--socks4', `127.0.0.1:${socks}`, proxied),
      await curl('--socks5-hostname', `127.0.0.1:${remoteSocks}`, proxied),
    ]).toEqual([
      '/local 0',
      '/ipv6 0',
      '/remote 4',
      '/unix 0',
      ...Array.from({ length: 5 }, () => '/proxied 0'),
    ]);
    const closed = await findClosedPort();
    expect(await curl('--socks5-hostname', `127.0.0.1:${socks}`, `http://127.0.0.1:${closed}/`)).toBe(
      'status 97',
    );
    child.kill('SIGINT');
    const { status, stderr } = await exit;
    expect([status, existsSync(path)]).toEqual([130, false]);
    expect(stderr).toContain(
      `channel 1: open failed: connect failed: Connection refused (127.0.0.1:${closed})`,
    );
  });

  it.each<[string, (port: number) => readonly string[], string]>([
    ['-L on a taken port', (port) => ['-L', `127.0.0.1:${port}:h:1`], 'Address already in use'],
    ['-R on a taken port', (port) => ['-R', `${port}:h:1`], 'remote port forwarding failed for listen port'],
    ['nothing', () => [], 'a forwarding is missing'],
    ['-W to a closed port', () => ['-W', '127.0.0.1:1'], 'cannot connect to 127.0.0.1:1: connection refused'],
  ])('fails for %s', async (_what, words, said) => {
    const { port } = await startSocketServer(() => undefined);
    await using daemon = await startDaemon();
    const { status, stderr } = await runRexa(['forward', daemon.address, ...words(port)]);
    expect([status, stderr]).toEqual([125, expect.stringContaining(said)]);
  });
});

/** Waits until the command has ended. */
function daemonHasEnded(log: () => string): Promise<void> {
  return waitUntil('the command has ended', () => log().includes('run-ended'));
}

describe('rexa ssh', () => {
  it('forwards while its command runs, and then until its connections end', async () => {
    const { port } = await startSocketServer((socket) => {
      socket.write('hello');
      socket.resume().once('end', () => socket.end());
    });
    await using daemon = await startDaemon();
    const line = 'echo ready; read line; exit 7';
    const words = ['ssh', '-L', `0:127.0.0.1:${port}`, daemon.address, line];
    const { allocated, child, exit, untilStdout } = await startForward(words, 1);
    await untilStdout('ready');
    const client = spawn('curl', ['-sN', `telnet://127.0.0.1:${allocated[0]}`], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    await once(client.stdout, 'data');
    const order: string[] = [];
    void once(client, 'exit').then(() => order.push('connection'));
    const ended = exit.then(({ status }) => order.push(`status ${status}`));
    child.stdin?.end('\n');
    await daemonHasEnded(daemon.log);
    client.kill();
    await ended;
    expect(order).toEqual(['connection', 'status 7']);
  });

  it.each<[string, readonly string[], number, string, string]>([
    ['a warning', [], 0, 'ran\n', 'Warning: remote port forwarding failed for listen port'],
    ['an error with ExitOnForwardFailure', ['-o', 'ExitOnForwardFailure=yes'], 255, '', 'Error: remote port'],
    ['nothing with ClearAllForwardings', ['-o', 'ClearAllForwardings=yes'], 0, 'ran\n', ''],
  ])('makes a port that is taken %s', async (_what, more, status, stdout, said) => {
    const { port } = await startSocketServer(() => undefined);
    await using daemon = await startDaemon();
    const ended = await runRexa(['ssh', ...more, '-R', `${port}:h:1`, daemon.address, 'echo ran']);
    expect([ended.status, ended.stdout.toString()]).toEqual([status, stdout]);
    expect(ended.stderr).toContain(said);
  });

  it('joins stdin and stdout with -W', async () => {
    const { port } = await startSocketServer((socket) => void socket.pipe(socket));
    await using daemon = await startDaemon();
    const input = Buffer.alloc(300_000, 'some bytes ');
    const { status, stdout } = await runRexa(['ssh', '-W', `127.0.0.1:${port}`, daemon.address], { input });
    expect([status, stdout.equals(input)]).toEqual([0, true]);
    const refused = await runRexa(['ssh', '-W', '127.0.0.1:1', daemon.address]);
    expect([refused.status, refused.stderr]).toEqual([
      255,
      'rexa: channel 0: open failed: connect failed: Connection refused (127.0.0.1:1)\nrexa: stdio forwarding failed\n',
    ]);
  });

  it('sends all of stdin with -W, though the place has sent all it has', async () => {
    let receivedBytes = 0;
    const { port } = await startSocketServer((socket) => {
      socket.end('all there is');
      socket.on('data', (chunk: Buffer) => {
        receivedBytes += chunk.length;
      });
    });
    await using daemon = await startDaemon();
    const input = Buffer.alloc(3_000_000, 'some bytes ');
    const { status, stdout } = await runRexa(['ssh', '-W', `127.0.0.1:${port}`, daemon.address], { input });
    expect([status, stdout.toString()]).toEqual([0, 'all there is']);
    await waitUntil('all has arrived', () => receivedBytes === input.length);
  });

  it('goes to the background with -f -N once it listens', async () => {
    const web = await startWeb();
    const port = await findClosedPort();
    await using daemon = await startDaemon();
    const spec = `127.0.0.1:${port}:127.0.0.1:${web}`;
    const { child } = startRexa(['ssh', '-f', '-N', '-L', spec, daemon.address], { stdio: 'ignore' });
    const [status] = (await once(child, 'exit')) as [number];
    expect([status, await curl(`http://127.0.0.1:${port}/background`)]).toEqual([0, '/background 0']);
  });
});
