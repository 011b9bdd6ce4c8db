import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { openAccount } from './account.ts';
import { REXA, REXAD } from './daemon.ts';
import { endChild } from './end-child.ts';
import { startSshd } from './sshd.ts';

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
  /** What makes the comparison unfair; null: nothing. */
  readonly limitation: string | null;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Null where no sshd is installed. */
export async function startRivalHosts(): Promise<RivalHosts | null> {
  const folder = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'rexa-bench-'));
  for (const name of ['home', 'home/.ssh', 'bin']) fs.mkdirSync(path.join(folder, name), { mode: 0o700 });
  const key = path.join(folder, 'home/.ssh/id_ed25519');
  makeKey(key);
  makeKey(path.join(folder, 'sshd_key'));
  fs.copyFileSync(`${key}.pub`, path.join(folder, 'authorized_keys'));
  const sshd = await startSshd(`${folder}/sshd_key`, `${folder}/authorized_keys`);
  if (sshd === null) {
    fs.rmSync(folder, { recursive: true });
    return null;
  }
  const account = openAccount(folder);
  const rexad = await startRexad(folder);
  const { SSH_AUTH_SOCK: _, ...own } = process.env;
  const env = { ...own, HOME: path.join(folder, 'home') };
  const rexa = writeProgram(folder, 'rexa', [process.execPath, REXA]);
  const known = ['-o', `UserKnownHostsFile=${folder}/known_hosts`, '-o', 'StrictHostKeyChecking=no', '-q'];
  const ssh = writeProgram(folder, 'ssh', [
    '/usr/bin/ssh',
    '-F',
    'none',
    '-l',
    account.name,
    '-i',
    key,
    ...known,
  ]);
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
    limitation: account.limitation,
    async [Symbol.asyncDispose]() {
      await Promise.all([endChild(rexad.child), sshd[Symbol.asyncDispose]()]);
      account[Symbol.dispose]();
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
