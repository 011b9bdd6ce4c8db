import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { connect } from '../../src/client/index.ts';
import { REXA, startDaemon } from './daemon.ts';
import { race, toRows } from './figures.ts';
import { type Call, countOutput, feedInput, PATTERN_BYTES, writePattern } from './pattern.ts';
import { type RivalHosts, startRivalHosts } from './rival-hosts.ts';

const COLD_ROUNDS = 21;
const WARM_ROUNDS = 100;
const BULK_ROUNDS = 5;

/** What OpenSSH has chosen from all that it has; the last is the rival. */
const EXCHANGES = ['-oKexAlgorithms=curve25519-sha256', '-oKexAlgorithms=sntrup761x25519-sha512@openssh.com'];
const CIPHERS = ['aes128-gcm@openssh.com', 'chacha20-poly1305@openssh.com'];

/**
 * Over tls://, beside OpenSSH on the same machine: keys, encryption and whole processes included. rexa's own Unix socket
 * stands there too, which shows what the encryption costs.
 */
export async function measure(): Promise<string[]> {
  await using hosts = await startRivalHosts();
  if (hosts === null) return ['there is no sshd here to compare with: install openssh-server'];
  await using local = await startDaemon();
  const setup: Setup = { hosts, rexa: callRexa(hosts), unix: local.address };
  const rows = [...(await measureCold(setup)), ...(await measureWarm(setup)), ...(await measureBulk(setup))];
  return hosts.limitation === null ? rows : [hosts.limitation, ...rows];
}

interface Setup {
  readonly hosts: RivalHosts;
  /** Calls `rexa run` at the host over TLS. */
  readonly rexa: (...words: readonly string[]) => Call;
  /** The address of a daemon on a Unix socket. */
  readonly unix: string;
}

function addressOf({ ways }: RivalHosts): string {
  return `tls://127.0.0.1:${ways[0]?.port}`;
}

function callRexa(hosts: RivalHosts): Setup['rexa'] {
  return (...words) => ({
    file: process.execPath,
    args: [REXA, 'run', addressOf(hosts), ...words],
    env: hosts.env,
  });
}

function callSsh({ ways, env }: RivalHosts, ...words: readonly string[]): Call {
  const way = ways.at(-1);
  return { file: way?.program ?? 'ssh', args: ['-p', String(way?.port), ...words], env };
}

async function measureCold({ hosts, rexa, unix }: Setup): Promise<string[]> {
  const contestants = [
    { name: 'cold: rexa run tls://… -- true', call: rexa('-n', '--', 'true') },
    {
      name: 'cold: rexa run unix:… -- true',
      call: { file: process.execPath, args: [REXA, 'run', unix, '-n', '--', 'true'] },
    },
    ...EXCHANGES.map((option) => ({
      name: `cold: ssh true, ${option.replace(/^.*=|-sha.*$/g, '')}`,
      call: callSsh(hosts, option, '-n', '127.0.0.1', 'true'),
    })),
  ];
  return report(
    contestants.map(({ name, call }) => ({ name, once: () => runCall(call) })),
    COLD_ROUNDS,
  );
}

/** A connection that is there: the library's on the one side, ssh's own sharing, a process each, on the other. */
async function measureWarm({ hosts, unix }: Setup): Promise<string[]> {
  process.env['HOME'] = hosts.env['HOME'];
  await using overTls = await connect(addressOf(hosts), { agent: null });
  await using overUnix = await connect(unix);
  const control = ['-S', path.join(hosts.folder, 'control')];
  const master = callSsh(hosts, ...control, '-M', '-N', '127.0.0.1');
  const child = spawn(master.file, master.args, { stdio: 'ignore', env: hosts.env });
  try {
    await untilThere(path.join(hosts.folder, 'control'));
    return await report(
      [
        { name: "warm: host.run('true') over tls://", once: async () => void (await overTls.run('true')) },
        { name: "warm: host.run('true') over unix:", once: async () => void (await overUnix.run('true')) },
        {
          name: 'warm: ssh -S true, a process each',
          once: () => runCall(callSsh(hosts, ...control, '-n', '127.0.0.1', 'true')),
        },
      ],
      WARM_ROUNDS,
    );
  } finally {
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    await gone;
  }
}

async function measureBulk({ hosts, rexa, unix }: Setup): Promise<string[]> {
  const file = writePattern(hosts.folder);
  const overUnix = (...words: readonly string[]): Call => ({
    file: process.execPath,
    args: [REXA, 'run', unix, ...words],
  });
  const ssh = (cipher: string, ...words: readonly string[]): Call =>
    callSsh(hosts, '-c', cipher, '127.0.0.1', ...words);
  const name = (cipher: string): string => cipher.replace(/@.*$/, '');
  const down = [
    { name: 'down: rexa run tls://…', once: () => countOutput(rexa('-n', '--', 'cat', file)) },
    { name: 'down: rexa run unix:…', once: () => countOutput(overUnix('-n', '--', 'cat', file)) },
    ...CIPHERS.map((cipher) => ({
      name: `down: ssh, ${name(cipher)}`,
      once: () => countOutput(ssh(cipher, '-n', 'cat', file)),
    })),
  ];
  const up = [
    { name: 'up: rexa run tls://…', once: () => feedInput(rexa('--', 'wc', '-c'), file) },
    { name: 'up: rexa run unix:…', once: () => feedInput(overUnix('--', 'wc', '-c'), file) },
    ...CIPHERS.map((cipher) => ({
      name: `up: ssh, ${name(cipher)}`,
      once: () => feedInput(ssh(cipher, 'wc', '-c'), file),
    })),
  ];
  return [...(await reportBulk(down)), ...(await reportBulk(up))];
}

type Contestants = Parameters<typeof race>[0];

async function report(contestants: Contestants, rounds: number): Promise<string[]> {
  const times = await race(contestants, rounds);
  return toRows(
    contestants.map((each) => each.name),
    times,
    'ms',
  );
}

async function reportBulk(contestants: Contestants): Promise<string[]> {
  const times = await race(contestants, BULK_ROUNDS);
  return toRows(
    contestants.map((each) => each.name),
    times.map((ms) => PATTERN_BYTES / 1e6 / ms),
    'GB/s',
  );
}

async function runCall({ file, args, env }: Call): Promise<void> {
  const child = spawn(file, args, { stdio: 'ignore', env: env ?? process.env });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`${file} ${args.join(' ')} ended with ${code}`);
}

async function untilThere(file: string): Promise<void> {
  while (!fs.existsSync(file)) await new Promise((resolve) => setTimeout(resolve, 10));
}
