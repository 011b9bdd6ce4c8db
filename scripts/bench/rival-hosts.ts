import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { REXA, startTlsDaemon } from './daemon.ts';
import { type Stage, sshWords } from './stage.ts';

/** One way to a host on this machine: what programs are told to call, and the port there. */
export interface Way {
  readonly name: string;
  /** The program that stands for ssh. */
  readonly program: string;
  readonly port: number;
}

/** A rexad over TLS and an sshd, which let the same key in, each behind a program that calls it. */
interface RivalHosts extends AsyncDisposable {
  readonly folder: string;
  /** rexa first, ssh last. */
  readonly ways: readonly Way[];
}

/** @throws Error where no sshd is installed */
export async function startRivalHosts(stage: Stage): Promise<RivalHosts> {
  if (stage.sshdPort === null) throw new Error('there is no sshd to compare with: install openssh-server');
  const folder = path.join(stage.home, 'rivals');
  fs.mkdirSync(folder);
  const rexad = await startTlsDaemon(stage);
  const rexa = writeProgram(folder, 'rexa', [REXA]);
  const ssh = writeProgram(folder, 'ssh', ['/usr/bin/ssh', ...sshWords(stage)]);
  const ways = [
    { name: 'rexa', program: rexa, port: Number(new URL(rexad.address).port) },
    { name: 'ssh', program: ssh, port: stage.sshdPort },
  ];
  for (const { program, port } of ways) {
    const words = ['-p', String(port), '-o', 'StrictHostKeyChecking=no', '127.0.0.1', 'true'];
    execFileSync(program, words, { stdio: 'ignore' });
  }
  return { folder, ways, [Symbol.asyncDispose]: () => rexad[Symbol.asyncDispose]() };
}

function writeProgram(folder: string, name: string, words: readonly string[]): string {
  const file = path.join(folder, name);
  fs.writeFileSync(file, `#!/bin/sh\nexec ${words.map((word) => `'${word}'`).join(' ')} "$@"\n`, {
    mode: 0o755,
  });
  return file;
}
