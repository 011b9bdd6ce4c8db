import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { REXA, REXAD } from './daemon.ts';

const SSHD = '/usr/sbin/sshd';
const START_MS = 10_000;

/** One way to a host on this machine: what programs are told to call, and the port there. */
export interface Way {
  readonly name: string;
  /** The program that stands for ssh. */
  readonly program: string;
  readonly port: number;
}

/** A rexad over TLS and a throw-away sshd, each on a port of its own, that let the same key in. */
export interface RivalHosts {
  readonly folder: string;
  /** rexa first, ssh last. */
  readonly ways: readonly Way[];
  readonly env: NodeJS.ProcessEnv;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Null where no sshd is installed. */
export async function startRivalHosts(): Promise<RivalHosts | null> {
  if (!fs.existsSync(SSHD)) return null;
  const folder = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'rexa-bench-'));
  for (const name of ['home', 'home/.ssh', 'bin']) fs.mkdirSync(path.join(folder, name), { mode: 0o700 });
  const key = path.join(folder, 'home/.ssh/id_ed25519');
  makeKey(key);
  makeKey(path.join(folder, 'sshd_key'));
  fs.copyFileSync(`${key}.pub`, path.join(folder, 'authorized_keys'));
  const rexad = await startRexad(folder);
  const sshd = await startSshd(folder);
  const { SSH_AUTH_SOCK: _, ...own } = process.env;
  const env = { ...own, HOME: path.join(folder, 'home') };
  const rexa = writeProgram(folder, 'rexa', [process.execPath, REXA]);
  const known = ['-o', `UserKnownHostsFile=${folder}/known_hosts`, '-o', 'StrictHostKeyChecking=no', '-q'];
  const ssh = writeProgram(folder, 'ssh', ['/usr/bin/ssh', '-F', 'none', '-i', key, ...known]);
  const ways = [
    { name: 'rexa', program: rexa, port: rexad.port },
    { name: 'ssh', program: ssh, port: sshd.port },
  ];
  for (const { program, port } of ways) {
    execFileSync(program, ['-p', String(port), '-o', 'StrictHostKeyChecking=no', '127.0.0.1', 'true'], {
      env,
      stdio: 'ignore',
    });
  }
  return {
    folder,
    ways,
    env,
    async [Symbol.asyncDispose]() {
      await Promise.all([rexad.child, sshd.child].map(endChild));
      fs.rmSync(folder, { recursive: true, force: true });
    },
  };
}

function makeKey(file: string): void {
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file]);
}

function writeProgram(folder: string, name: string, words: readonly string[]): string {
  const file = path.join(folder, 'bin', name);
  fs.writeFileSync(file, `#!/bin/sh\nexec ${words.map((word) => `'${word}'`).join(' ')} "$@"\n`, {
    mode: 0o755,
  });
  return file;
}

interface StartedHost {
  readonly child: ChildProcess;
  readonly port: number;
}

async function startRexad(folder: string): Promise<StartedHost> {
  const words = ['--listen', 'tls://127.0.0.1:0', '--json', '--authorized-keys', `${folder}/authorized_keys`];
  const root = process.getuid?.() === 0 ? ['--allow-root'] : [];
  const child = spawn(process.execPath, [REXAD, ...words, '--host-key', `${folder}/host_key`, ...root], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, HOME: folder },
  });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const { url } = JSON.parse(line) as { url: string };
  return { child, port: Number(new URL(url).port) };
}

async function startSshd(folder: string): Promise<StartedHost> {
  const port = await findPort();
  const config = path.join(folder, 'sshd_config');
  const lines = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${folder}/sshd_key`,
    `AuthorizedKeysFile ${folder}/authorized_keys`,
    'PidFile none',
    'UsePAM no',
    'StrictModes no',
    'PermitRootLogin yes',
    'Subsystem sftp internal-sftp',
  ];
  fs.writeFileSync(config, `${lines.join('\n')}\n`);
  const child = spawn(SSHD, ['-D', '-f', config], { stdio: 'ignore' });
  const untilMs = performance.now() + START_MS;
  while (!(await answers(port))) {
    if (child.exitCode !== null || performance.now() > untilMs) throw new Error('sshd did not start');
    await pause(20);
  }
  return { child, port };
}

async function findPort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
}
