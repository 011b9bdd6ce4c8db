import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { connect } from '../../../src/client/index.ts';
import { RUNS_QUOTA } from '../../../src/daemon/limits.ts';
import { fixtureText, makeTestFolder } from '../../fixtures/auth/fixtures.ts';
import { type StartedRexa, startRexa } from '../../fixtures/run-rexa.ts';
import { startTlsDaemon, type TlsDaemon } from '../../fixtures/tls-daemon.ts';
import { publicLine } from '../../fixtures/tls-run.ts';
import { waitUntil } from '../../fixtures/wait-until.ts';

const LINES = 400;
/** Writes before and after the stop, waits for a line between the two, and ends with a status of its own. */
const COMMAND = `seq 1 ${LINES / 2}; read line; echo "$line"; seq 1 ${LINES / 2}; exit 7`;
const HALF = Array.from({ length: LINES / 2 }, (_, at) => `${at + 1}\n`).join('');
const OUTPUT = `${HALF}go on\n${HALF}`;

const TRANSPORTS = ['a Unix socket', 'TLS'] as const;
type Transport = (typeof TRANSPORTS)[number];

let key = '';

beforeEach(() => {
  vi.stubEnv('HOME', makeTestFolder());
  vi.stubEnv('SSH_AUTH_SOCK', '');
  key = join(makeTestFolder(), 'key');
  writeFileSync(key, fixtureText('keys/ed25519'), { mode: 0o600 });
});
afterEach(() => void vi.unstubAllEnvs());

const startPair = (): Promise<TlsDaemon> => startTlsDaemon({ lines: [publicLine('ed25519')] });

/** The words that name the daemon over this transport. */
function hostWords(daemon: TlsDaemon, transport: Transport): readonly string[] {
  if (transport === 'a Unix socket') return [daemon.address];
  return ['-i', key, `tls://127.0.0.1:${daemon.port}#${daemon.fingerprint}`];
}

/** `rexa ssh` over TLS, with these options. */
function sshWords(daemon: TlsDaemon, more: readonly string[]): readonly string[] {
  const options = ['BatchMode=yes', 'StrictHostKeyChecking=accept-new', ...more].flatMap((each) => [
    '-o',
    each,
  ]);
  return ['ssh', '-i', key, ...options, '-p', String(daemon.port), '127.0.0.1'];
}

/** The same over the Unix socket. */
function unixWords(daemon: TlsDaemon, more: readonly string[]): readonly string[] {
  return ['ssh', ...more.flatMap((each) => ['-o', each]), daemon.address];
}

function isFrozen(pid: number | undefined): boolean {
  return /^State:\s+T/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
}

/** Whether the daemon has an open connection on this port (proc(5), /proc/net/tcp: 01 is ESTABLISHED). */
function hasConnection(port: number): boolean {
  const local = `:${port.toString(16).toUpperCase().padStart(4, '0')} `;
  const lines = readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/));
  return lines.some(([, own = '', , state]) => `${own} `.endsWith(local) && state === '01');
}

/** One client over each transport, whose command runs and waits for a line. */
async function startClients(daemon: TlsDaemon): Promise<readonly StartedRexa[]> {
  const clients = TRANSPORTS.map((transport) =>
    startRexa(['run', '-v', ...hostWords(daemon, transport), '--', 'sh', '-c', COMMAND]),
  );
  await Promise.all(clients.map((client) => client.untilStdout(`\n${LINES / 2}\n`)));
  return clients;
}

async function expectTrueOutcomes(clients: readonly StartedRexa[]): Promise<void> {
  const exits = await Promise.all(clients.map(({ exit }) => exit));
  expect(exits.map(({ status, stdout }) => [status, stdout.toString()])).toEqual(
    clients.map(() => [7, OUTPUT]),
  );
}

// A silent peer over TLS is found within 15 s: for so long at least each of them is stopped
describe('a run over a Unix socket, and one over TLS', () => {
  it('end as they do when the clients were stopped until the daemon had dropped the one over TLS', {
    timeout: 180_000,
  }, async () => {
    await using daemon = await startPair();
    const clients = await startClients(daemon);
    for (const { child } of clients) child.kill('SIGSTOP');
    await waitUntil('the clients are stopped', () => clients.every(({ child }) => isFrozen(child.pid)));
    await waitUntil('the daemon drops the connection', () => !hasConnection(daemon.port), 120_000);
    for (const { child } of clients) child.stdin?.end('go on\n');
    for (const { child } of clients) child.kill('SIGCONT');
    await expectTrueOutcomes(clients);
  });

  it('end as they do when the daemon was stopped until the client over TLS had lost it', {
    timeout: 180_000,
  }, async () => {
    await using daemon = await startPair();
    const clients = await startClients(daemon);
    process.kill(daemon.pid, 'SIGSTOP');
    try {
      for (const { child } of clients) child.stdin?.end('go on\n');
      await clients[1]?.untilStderr('connection lost');
    } finally {
      process.kill(daemon.pid, 'SIGCONT');
    }
    await expectTrueOutcomes(clients);
  });
});

describe('ServerAliveInterval and ServerAliveCountMax', () => {
  it('bound the whole wait for a daemon that is stopped, and the message names that time', async () => {
    await using daemon = await startPair();
    const words = sshWords(daemon, ['ServerAliveInterval=1', 'ServerAliveCountMax=2']);
    const rexa = startRexa([...words, 'echo up; sleep 1000']);
    await rexa.untilStdout('up');
    process.kill(daemon.pid, 'SIGSTOP');
    try {
      const { status, stderr } = await rexa.exit;
      expect(status).toBe(255);
      expect(stderr).toMatch(
        /^rexa: lost: no answer within 2 s \(ServerAliveInterval 1 s, ServerAliveCountMax 2\)/m,
      );
    } finally {
      process.kill(daemon.pid, 'SIGCONT');
    }
  });
});

describe('ServerAliveInterval and ServerAliveCountMax for a daemon that was stopped before', () => {
  it.each<[string, Transport]>(TRANSPORTS.map((transport) => [transport, transport]))(
    'bound the wait for its first answer: %s',
    async (_what, transport) => {
      await using daemon = await startPair();
      const limits = ['ServerAliveInterval=1', 'ServerAliveCountMax=2'];
      const host = transport === 'TLS' ? sshWords(daemon, limits) : unixWords(daemon, limits);
      process.kill(daemon.pid, 'SIGSTOP');
      try {
        const { status, stderr } = await startRexa([...host, 'true']).exit;
        expect([status, stderr]).toEqual([255, expect.stringMatching(/within (?:2 s|2000 ms)/)]);
      } finally {
        process.kill(daemon.pid, 'SIGCONT');
      }
    },
  );
});

describe('a run that waits for others of its key', () => {
  it('says so once, and is canceled with nothing run', async () => {
    await using daemon = await startTlsDaemon({ lines: [`restrict ${publicLine('ed25519')}`] });
    await using host = await connect(`tls://127.0.0.1:${daemon.port}#${daemon.fingerprint}`, {
      identities: [key],
      agent: null,
      knownHosts: null,
    });
    const running = Array.from({ length: RUNS_QUOTA.bound }, () =>
      host.run('sleep', ['1000'], { reject: false }),
    );
    await Promise.all(running.map(({ pid }) => pid));
    const told = Promise.withResolvers<number>();
    const waiting = host.run('true', [], { reject: false, handleWaiting: told.resolve });
    expect(await told.promise).toBe(RUNS_QUOTA.bound);
    waiting.cancel();
    expect(await waiting).toMatchObject({ outcome: 'canceled', code: 'CANCELED', exitCode: null });
    expect(await waiting.pid).toBeNull();
    for (const run of running) run.cancel();
    const outcomes = (await Promise.all(running)).map(({ outcome }) => outcome);
    expect(new Set(outcomes)).toEqual(new Set(['canceled']));
  });
});
