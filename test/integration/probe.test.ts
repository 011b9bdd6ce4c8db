import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import dgram from 'node:dgram';
import { once } from 'node:events';
import {
  chmodSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { hashField } from '../../src/auth/known-host-field.ts';
import { fingerprint as fingerprintOf } from '../../src/auth/public-key.ts';
import { ALPN_PROTOCOL } from '../../src/protocol/version.ts';
import { fixtureKey, fixtureText } from '../fixtures/auth/fixtures.ts';
import { REXAD, startDaemon } from '../fixtures/daemon.ts';
import { runRexa, startRexa } from '../fixtures/run-rexa.ts';
import { waitUntil } from '../fixtures/wait-until.ts';

/** A daemon that answers probes, and a home folder whose known_hosts is its client's. */
async function startProbed(words: readonly string[] = ['--listen', 'udp://127.0.0.1:0']) {
  const home = mkdtempSync(join(tmpdir(), 'rexa-probe-'));
  const hostKey = join(home, 'host_key');
  writeFileSync(hostKey, fixtureText('keys/ed25519'), { mode: 0o600 });
  const daemon = await startDaemon({ words: ['--allow-root', '--host-key', hostKey, ...words] });
  onTestFinished(async () => {
    await daemon[Symbol.asyncDispose]();
    rmSync(home, { recursive: true });
  });
  const { url, fingerprint } = daemon.listening.at(-1) ?? { url: '', fingerprint: null };
  const env = { HOME: home, XDG_CONFIG_HOME: '', REXA_CONFIG: '' };
  const ping = (...more: readonly string[]) => runRexa(['ping', '-c', '3', '-i', '0.1', ...more], { env });
  /** The same, with an ssh_config of the user. */
  const pingBy = (settings: string, ...more: readonly string[]) => {
    mkdirSync(join(home, '.ssh'), { recursive: true, mode: 0o700 });
    writeFileSync(join(home, '.ssh', 'config'), settings, { mode: 0o600 });
    writeFileSync(join(home, '.config', 'rexa', 'config.yaml'), 'ssh-config: true\n', { mode: 0o600 });
    return ping(...more);
  };
  /** Makes hosts known by a key. */
  const know = (...lines: readonly string[]): void => {
    const folder = join(home, '.config', 'rexa');
    writeFileSync(join(folder, 'known_hosts'), `${lines.join('\n')}\n`, { mode: 0o600 });
  };
  mkdirSync(join(home, '.config', 'rexa'), { recursive: true, mode: 0o700 });
  return { daemon, home, url, port: Number(new URL(url).port), fingerprint, ping, pingBy, know };
}

const KEY = fixtureText('keys/ed25519.pub').trim();
const OTHER_KEY = fixtureText('keys/ecdsa256.pub').trim();

/** What is told of it, or null. */
function readJson(stdout: Buffer): { readonly [name: string]: unknown } {
  return JSON.parse(stdout.toString()) as { readonly [name: string]: unknown };
}

/** A socket of a peer of its own. */
async function openSocket(): Promise<dgram.Socket> {
  const socket = dgram.createSocket('udp4');
  onTestFinished(() => void socket.close());
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return socket;
}

describe('rexa ping udp://', () => {
  it('tells the round trips of a host that is known, and exits with 0', async () => {
    const { url, port, ping, know } = await startProbed();
    know(`127.0.0.1:${port} ${KEY}`);
    const { status, stdout, stderr } = await ping(url);
    const lines = stdout.toString().split('\n');
    expect([status, stderr]).toEqual([0, '']);
    expect(lines).toEqual([
      `PROBE udp://127.0.0.1:${port} (127.0.0.1), 1200 bytes`,
      expect.stringMatching(/^answer from 127\.0\.0\.1: seq=1 time=\d+\.\d{3} ms$/),
      expect.stringMatching(/seq=2/),
      expect.stringMatching(/seq=3/),
      `--- udp://127.0.0.1:${port} ---`,
      '3 sent, 3 answered, 0% loss',
      expect.stringMatching(/^round trip min \d+\.\d{3} ms, avg \d+\.\d{3} ms, max \d+\.\d{3} ms$/),
      '',
    ]);
  });

  it('prints one line of JSON with --json', async () => {
    const { url, port, fingerprint, ping, know } = await startProbed();
    know(`127.0.0.1:${port} ${KEY}`);
    const { status, stdout } = await ping('--json', url);
    expect([status, readJson(stdout)]).toMatchObject([
      0,
      { v: 1, host: url, fingerprint, sent: 3, received: 3, lossPercent: 0 },
    ]);
    expect(readJson(stdout)['roundTripsMs']).toHaveLength(3);
  });

  it('knows a host by its lines with other ports, and by a pin', async () => {
    const { url, fingerprint, ping, know } = await startProbed();
    know(`127.0.0.1:7522 ${KEY}`);
    expect((await ping(url)).status).toBe(0);
    know(`127.0.0.1:7522 ${OTHER_KEY}`);
    expect((await ping(`${url}#${fingerprint}`)).status).toBe(0);
  });

  it.each([
    ['is unknown', () => [], 'host key not trusted'],
    ['has another key', (port: number) => [`127.0.0.1:${port} ${OTHER_KEY}`], 'has changed'],
    ['has a revoked key', (port: number) => [`@revoked 127.0.0.1:${port} ${KEY}`], 'revoked'],
  ])('exits with 125 when the host that answers %s', async (_what, lines, message) => {
    const { url, port, ping, know } = await startProbed();
    know(...lines(port));
    const { status, stderr } = await ping(url);
    expect([status, stderr]).toEqual([125, expect.stringContaining(message)]);
  });

  it('trusts an unknown host with --accept-new, and remembers it', async () => {
    const { url, ping, home, port } = await startProbed();
    expect((await ping('--accept-new', url)).status).toBe(0);
    expect(readFileSync(join(home, '.config/rexa/known_hosts'), 'utf8')).toContain(`127.0.0.1:${port} `);
    expect((await ping(url)).status).toBe(0);
  });

  it('knows a host by a hashed line with the default port', async () => {
    const { url, ping, know } = await startProbed();
    know(`${hashField('127.0.0.1:7522')} ${KEY}`);
    expect((await ping(url)).status).toBe(0);
  });

  it('reads known_hosts once, however many ports the host has', async () => {
    const { url, ping, know } = await startProbed();
    know('127.0.0.1:7 ssh-ed25519 damaged', ...[7522, 8, 9].map((port) => `127.0.0.1:${port} ${KEY}`));
    const { status, stderr } = await ping(url);
    expect([status, stderr.trimEnd().split('\n')]).toEqual([0, [expect.stringContaining('known_hosts:1')]]);
  });

  it('verifies and remembers the key of several answers at once only once', async () => {
    const { port, ping, know, home } = await startProbed();
    know('# nothing');
    const relay = await openSocket();
    const held: Buffer[] = [];
    let client = 0;
    relay.on('message', (datagram, { port: from }) => {
      if (from !== port) {
        client = from;
        relay.send(datagram, port, '127.0.0.1');
      } else if (held.push(datagram) === 3)
        for (const answer of held) relay.send(answer, client, '127.0.0.1');
    });
    const { status, stderr } = await ping('--accept-new', `udp://127.0.0.1:${relay.address().port}`);
    expect([status, stderr.match(/added to known_hosts/g)]).toEqual([0, ['added to known_hosts']]);
    const known = readFileSync(join(home, '.config/rexa/known_hosts'), 'utf8');
    expect(known.split('\n').filter((line) => line.startsWith('127.0.0.1:'))).toHaveLength(1);
  });

  it.each(['none', '/dev/null'])('knows no host where UserKnownHostsFile is %s', async (file) => {
    const { url, port, pingBy, know, home } = await startProbed();
    know(`127.0.0.1:${port} ${KEY}`);
    const settings = `UserKnownHostsFile ${file}\n`;
    const { status, stderr } = await pingBy(settings, url);
    expect([status, stderr]).toEqual([125, expect.stringContaining('host key not trusted')]);
    know('# nothing');
    const accepted = await pingBy(settings, '--accept-new', url);
    expect([accepted.status, accepted.stderr]).toEqual([
      0,
      expect.stringContaining('trusted for this connection only'),
    ]);
    expect(readFileSync(join(home, '.config/rexa/known_hosts'), 'utf8')).toBe('# nothing\n');
  });

  it.each([
    ['known_hosts that others may write', '', 0o666, 'known_hosts is not safe to use'],
    ['a missing file of revoked keys', 'RevokedHostKeys /no/such/file\n', 0o600, '/no/such/file'],
  ])('exits with 125 and the reason for %s', async (_what, settings, mode, message) => {
    const { url, port, pingBy, know, home } = await startProbed();
    know(`127.0.0.1:${port} ${KEY}`);
    chmodSync(join(home, '.config/rexa/known_hosts'), mode);
    const { status, stdout, stderr } = await pingBy(settings, url);
    expect([status, stderr]).toEqual([125, expect.stringContaining(message)]);
    expect([stderr.trimEnd().split('\n').length, stdout.toString()]).toEqual([
      1,
      expect.stringMatching(/^PROBE [^\n]*\n$/),
    ]);
  });

  it.each([[[]], [['--json']]])('exits with 125 when stdout is a full device: %j', async (words) => {
    const { url, fingerprint } = await startProbed();
    const full = openSync('/dev/full', 'w');
    onTestFinished(() => closeSync(full));
    const called = ['ping', '-c', '2', '-i', '0.1', ...words, `${url}#${fingerprint}`];
    const { status, stderr } = await startRexa(called, { stdio: ['ignore', full, 'pipe'] }).exit;
    expect([status, stderr.trimEnd().split('\n'), stderr]).toEqual([
      125,
      [expect.any(String)],
      expect.stringContaining('ENOSPC'),
    ]);
  });

  it.each(['udp://255.255.255.255', 'udp://[fe80::1%nope]'])(
    'exits with 1 and the reason when the system refuses %s',
    async (url) => {
      const { ping } = await startProbed();
      const { status, stdout, stderr } = await ping('--connect-timeout', '0.1', url);
      expect([status, stderr, stdout.toString()]).toEqual([
        1,
        '',
        expect.stringMatching(/no answer: .*\n--- .*\n3 sent, 0 answered, 100% loss\n$/),
      ]);
    },
  );

  it('exits with 1 where nobody answers, and where something else does', async () => {
    const { ping } = await startProbed();
    const silent = await openSocket();
    const { port } = silent.address();
    silent.on('message', (datagram, { port: from }) => {
      silent.send(datagram, from, '127.0.0.1');
      silent.send('HTTP/1.1 200 OK', from, '127.0.0.1');
    });
    const { status, stdout } = await ping('--connect-timeout', '0.2', '--json', `udp://127.0.0.1:${port}`);
    expect([status, readJson(stdout)]).toMatchObject([
      1,
      {
        fingerprint: null,
        sent: 3,
        received: 0,
        lossPercent: 100,
        roundTripsMs: [null, null, null],
        minMs: null,
      },
    ]);
    silent.removeAllListeners('message');
    const closed = await ping('--connect-timeout', '0.2', 'udp://127.0.0.1:1');
    expect([closed.status, closed.stdout.toString()]).toEqual([
      1,
      expect.stringMatching(/no answer: .*ECONNREFUSED\n--- .*\n3 sent, 0 answered, 100% loss\n$/),
    ]);
  });

  it('counts what is lost on the way, and no answer twice', async () => {
    const { url, port, ping, know } = await startProbed();
    const relay = await openSocket();
    const relayPort = relay.address().port;
    know(`127.0.0.1:${relayPort} ${KEY}`, `127.0.0.1:${port} ${KEY}`);
    let client = 0;
    let passed = 0;
    relay.on('message', (datagram, { port: from }) => {
      if (from === port) {
        for (let again = 0; again < 2; again++) relay.send(datagram, client, '127.0.0.1');
        return;
      }
      client = from;
      passed++;
      if (passed !== 2) relay.send(datagram, port, '127.0.0.1');
    });
    const { status, stdout } = await ping(
      '--connect-timeout',
      '0.5',
      '--json',
      url.replace(/\d+$/, `${relayPort}`),
    );
    expect([status, readJson(stdout)]).toMatchObject([0, { sent: 3, received: 2, lossPercent: 33.3 }]);
    expect(readJson(stdout)['roundTripsMs']).toEqual([expect.any(Number), null, expect.any(Number)]);
  });

  it('takes no answer whose bits were changed on the way', async () => {
    const { port, ping, know } = await startProbed();
    const relay = await openSocket();
    const relayPort = relay.address().port;
    know(`127.0.0.1:${relayPort} ${KEY}`);
    let client = 0;
    relay.on('message', (datagram, { port: from }) => {
      if (from === port) datagram.writeUInt8(datagram.readUInt8(60) ^ 1, 60);
      else client = from;
      relay.send(datagram, from === port ? client : port, '127.0.0.1');
    });
    const { status } = await ping('--connect-timeout', '0.2', `udp://127.0.0.1:${relayPort}`);
    expect(status).toBe(1);
  });

  it('tells what it has found out so far when a signal ends it', async () => {
    const { url, fingerprint } = await startProbed();
    const started = startRexa(['ping', '-c', '1000', `${url}#${fingerprint}`]);
    await started.untilStdout('seq=1');
    started.child.kill('SIGINT');
    const { status, stdout } = await started.exit;
    expect([status, stdout.toString()]).toEqual([0, expect.stringContaining('% loss')]);
  });

  it.each([
    [['-i', '0.01', 'udp://127.0.0.1:1'], 'at least 100 ms'],
    [['-i', 'key', 'udp://127.0.0.1:1'], 'not a duration'],
    [['udp://no.such.host.invalid'], 'no host of that name'],
    [['udp://127.0.0.1:99999'], 'a port is a number'],
  ])('refuses %j', async (words, message) => {
    const { status, stderr } = await runRexa(['ping', ...words]);
    expect([status, stderr]).toEqual([125, expect.stringContaining(message)]);
  });

  it('is what other commands are told to use', async () => {
    const { status, stderr } = await runRexa(['run', 'udp://127.0.0.1:1', '--', 'true']);
    expect([status, stderr]).toEqual([125, expect.stringContaining('use rexa ping')]);
  });
});

describe('a udp:// listener', () => {
  it('answers no other datagram, no more than 20 probes of a source at once, and counts all of them', async () => {
    const { daemon, port } = await startProbed();
    const socket = await openSocket();
    const answers: Buffer[] = [];
    socket.on('message', (datagram) => answers.push(datagram));
    const probe = (index: number): Buffer =>
      Buffer.concat([Buffer.from('rexa-probe-v1?'), Buffer.alloc(32, index), Buffer.alloc(1200 - 14 - 32)]);
    const others = [Buffer.from('hello'), Buffer.alloc(0), Buffer.alloc(1200, 1), probe(1).subarray(1)];
    for (const datagram of [...others, ...Array.from({ length: 40 }, (_, index) => probe(index))])
      socket.send(datagram, port, '127.0.0.1');
    await waitUntil('20 answers', () => answers.length >= 20);
    const { stdout } = await runStatus(daemon.socketPath);
    const { datagrams } = JSON.parse(stdout) as { readonly datagrams: Readonly<Record<string, number>> };
    // Some of a source come back while the others arrive
    expect([datagrams['dropped'], (datagrams['answered'] ?? 0) + (datagrams['limited'] ?? 0)]).toEqual([
      4, 40,
    ]);
    expect(new Set(answers.map((answer) => answer.length <= 1200))).toEqual(new Set([true]));
    expect(answers.some((answer) => /rexad?\/|\d+\.\d+\.\d+/.test(answer.toString('latin1')))).toBe(false);
  });

  it('reloads a host key with all listeners, or with none', async () => {
    const { daemon, home } = await startProbed([
      '--listen',
      'tls://127.0.0.1:0',
      '--listen',
      'udp://127.0.0.1:0',
    ]);
    const port = Number(new URL(daemon.listening[1]?.url ?? '').port);
    const before = await readHostKey(port);
    const reload = async (key: string, line: string) => {
      writeFileSync(join(home, 'host_key'), key);
      process.kill(daemon.pid, 'SIGHUP');
      await waitUntil(line, () => daemon.log().includes(line));
    };
    const listFingerprints = async () => {
      const { listen } = JSON.parse((await runStatus(daemon.socketPath)).stdout) as {
        readonly listen: readonly { readonly fingerprint: string | null }[];
      };
      return listen.map(({ fingerprint }) => fingerprint);
    };
    const old = daemon.listening[1]?.fingerprint;
    // TLS takes it, and no answer to a probe has room for it
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 5000 });
    await reload(privateKey.export({ type: 'pkcs8', format: 'pem' }) as string, 'are not loaded again');
    expect([await readHostKey(port), await listFingerprints()]).toEqual([before, [null, old, old]]);
    await reload(fixtureText('keys/ecdsa256'), 'are loaded again');
    const next = fingerprintOf(fixtureKey('ecdsa256'));
    expect([(await readHostKey(port)) === before, await listFingerprints()]).toEqual([
      false,
      [null, next, next],
    ]);
  });

  it('is checked, and refused with a pin', async () => {
    await expect(startProbed(['--listen', `udp://127.0.0.1:0#SHA256:${'A'.repeat(43)}`])).rejects.toThrow(
      'a pin is for clients',
    );
  });
});

/** The key of the certificate that is shown over TLS. */
async function readHostKey(port: number): Promise<string> {
  const socket = tls.connect({
    port,
    host: '127.0.0.1',
    ALPNProtocols: [ALPN_PROTOCOL],
    rejectUnauthorized: false,
  });
  socket.on('error', () => undefined);
  await once(socket, 'secureConnect');
  const key = socket.getPeerX509Certificate()?.publicKey.export({ type: 'spki', format: 'pem' });
  socket.destroy();
  return String(key);
}

async function runStatus(socketPath: string): Promise<{ readonly stdout: string }> {
  return promisify(execFile)(process.execPath, [REXAD, '--listen', `unix:${socketPath}`, '--json', 'status']);
}
