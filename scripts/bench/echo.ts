import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ReadStream } from 'node:tty';
import { loadSystemCalls } from '../../src/process/system/load-system-calls.ts';
import type { TerminalCalls } from '../../src/process/system/system-calls.ts';
import { openAccount } from './account.ts';
import { REXA, startDaemon } from './daemon.ts';
import { race, toRows } from './figures.ts';
import { startSshd } from './sshd.ts';

const KEYSTROKES = 500;
/** Echoes keys by itself, as editors and shells do, and not by its terminal. */
const ECHO = 'stty raw -echo; echo ready; exec cat';

/** From a key to its echo on our own terminal: rexa beside ssh, where sshd is installed, and a terminal here. */
export async function measure(): Promise<string[]> {
  const { terminals } = await loadSystemCalls();
  if (terminals === null) return ['there are no terminals here'];
  await using keys = makeKeys();
  const login = ['--authorized-keys', keys.authorized, '--host-key', keys.file('rexa_host'), '--allow-root'];
  await using daemon = await startDaemon();
  await using distant = await startDaemon(['--listen', 'tls://127.0.0.1:0', ...login], keys.folder);
  await using sshd = await startSshd(keys.sshHost, keys.authorized);
  using account = openAccount(keys.folder);
  const trust = ['-i', keys.user, '-oUserKnownHostsFile=/dev/null', '-oLogLevel=ERROR'];
  const words = ['ssh', ...trust, '-oStrictHostKeyChecking=accept-new', '-F', 'none', '-t'];
  const sessions = [
    await openSession('rexa over TLS', terminals, process.execPath, [REXA, ...words, distant.address, ECHO]),
    await openSession('rexa over its socket', terminals, process.execPath, [
      REXA,
      ...words,
      daemon.address,
      ECHO,
    ]),
    await openSession('a terminal here', terminals, 'sh', ['-c', ECHO]),
    ...(sshd === null
      ? []
      : [
          await openSession('ssh', terminals, 'ssh', [
            '-F',
            'none',
            '-p',
            String(sshd.port),
            '-oStrictHostKeyChecking=no',
            ...trust,
            '-l',
            account.name,
            '-t',
            '127.0.0.1',
            ECHO,
          ]),
        ]),
  ];
  const figures = await race(
    sessions.map(({ name, echo }) => ({ name, once: echo })),
    KEYSTROKES,
  );
  for (const { close } of sessions) close();
  const names = sessions.map(({ name }) => `a key and its echo, ${name}`);
  const rows = toRows(names, figures, 'ms');
  return account.limitation === null ? rows : [account.limitation, ...rows];
}

/** A program on a terminal of ours that shows each key that is typed. */
interface Session {
  readonly name: string;
  /** Types a key and waits until it is shown. */
  echo(): Promise<void>;
  close(): void;
}

async function openSession(
  name: string,
  terminals: TerminalCalls,
  file: string,
  args: readonly string[],
): Promise<Session> {
  const { master, path: tty } = terminals.open({ columns: 80, rows: 24, isUtf8: true });
  const slave = fs.openSync(tty, fs.constants.O_RDWR | fs.constants.O_NOCTTY);
  const child = spawn(file, args, { stdio: [slave, slave, slave] });
  fs.closeSync(slave);
  const screen = new ReadStream(master);
  screen.on('error', () => undefined);
  let shown = '';
  while (!shown.includes('ready')) shown += String((await once(screen, 'data'))[0]);
  // The first keys find everything awake
  const echo = async (): Promise<void> => {
    const seen = once(screen, 'data');
    screen.write('x');
    await seen;
  };
  return {
    name,
    echo,
    close() {
      child.kill('SIGKILL');
      screen.destroy();
    },
  };
}

/** Keys of this measurement alone. */
interface Keys extends AsyncDisposable {
  /** Whose secret logs in. */
  readonly user: string;
  readonly authorized: string;
  readonly sshHost: string;
  readonly folder: string;
  /** A file beside them. */
  file(name: string): string;
}

function makeKeys(): Keys {
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'rexa-bench-keys-')));
  const file = (name: string): string => path.join(folder, name);
  for (const key of ['host', 'user']) {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file(key)]);
  }
  fs.copyFileSync(file('user.pub'), file('authorized'));
  // sshd reads it as the one who logs in
  fs.chmodSync(file('authorized'), 0o644);
  return {
    folder,
    user: file('user'),
    authorized: file('authorized'),
    sshHost: file('host'),
    file,
    async [Symbol.asyncDispose]() {
      fs.rmSync(folder, { recursive: true });
    },
  };
}
