import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { endChild } from './end-child.ts';

const SSHD = '/usr/sbin/sshd';
const START_MS = 10_000;

/** An sshd of one measurement at a port of 127.0.0.1. */
export interface Sshd extends AsyncDisposable {
  readonly port: number;
}

/** Null where no sshd is installed. */
export async function startSshd(hostKey: string, authorizedKeys: string): Promise<Sshd | null> {
  if (!fs.existsSync(SSHD)) return null;
  // Where root starts it, it wants this folder
  if (process.getuid?.() === 0) fs.mkdirSync('/run/sshd', { recursive: true });
  const port = await findPort();
  const settings = {
    ListenAddress: `127.0.0.1:${port}`,
    HostKey: hostKey,
    AuthorizedKeysFile: authorizedKeys,
    PidFile: 'none',
    StrictModes: 'no',
    UsePAM: 'no',
    // 32 commands are in flight over one connection
    MaxSessions: '100',
    // 32 clients log in at once: by default sshd turns some away from the eleventh on
    MaxStartups: '100',
    Subsystem: 'sftp internal-sftp',
  };
  const words = Object.entries(settings).map(([name, value]) => `-o${name}=${value}`);
  const child = spawn(SSHD, ['-D', '-f', '/dev/null', ...words], { stdio: 'ignore' });
  const untilMs = performance.now() + START_MS;
  while (!(await answers(port))) {
    if (child.exitCode !== null || performance.now() > untilMs) throw new Error('sshd did not start');
    await pause(20);
  }
  return { port, [Symbol.asyncDispose]: () => endChild(child) };
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
