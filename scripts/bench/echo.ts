import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { ReadStream } from 'node:tty';
import { loadSystemCalls } from '../../src/process/system/load-system-calls.ts';
import type { TerminalCalls } from '../../src/process/system/system-calls.ts';
import { REXA, startDaemon, startTlsDaemon } from './daemon.ts';
import { endChild } from './end-child.ts';
import { type Contestant, race, type Table, tabulate } from './figures.ts';
import { readStage, sshWords } from './stage.ts';

const KEYSTROKES = 1000;
/** Echoes keys by itself, as editors and shells do, and not by its terminal. */
const ECHO = 'stty raw -echo; echo ready; exec cat';
const RELAY = path.resolve(import.meta.dirname, 'node-relay.ts');

/** From a key to its echo on our own terminal: rexa beside ssh, a terminal here, and what a bare Node takes to relay it. */
export async function measure(): Promise<Table[]> {
  const stage = readStage();
  const { terminals } = await loadSystemCalls();
  if (terminals === null) throw new Error('there are no terminals here');
  await using local = await startDaemon();
  await using distant = await startTlsDaemon(stage);
  const trust = ['-F', 'none', '-q', '-oStrictHostKeyChecking=accept-new', '-t'];
  const rexa = (address: string): string[] => [REXA, 'ssh', ...trust, address, ECHO];
  const relay = spawn(process.execPath, [RELAY, `${stage.home}/relay`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(relay.stdout, 'data');
  const calls: readonly (readonly [string, readonly string[]])[] = [
    ['rexa, unix', rexa(local.address)],
    ['rexa, tls', rexa(distant.address)],
    ['two bare Nodes that relay', [process.execPath, RELAY, `${stage.home}/relay`, ECHO]],
    ['a terminal here', ['sh', '-c', ECHO]],
    ...(stage.sshdPort === null
      ? []
      : [['ssh', ['ssh', ...sshWords(stage), '-t', '127.0.0.1', ECHO]] as const]),
  ];
  const sessions: Session[] = [];
  for (const [name, words] of calls) sessions.push(await openSession(name, terminals, words));
  const samples = await race(sessions, KEYSTROKES);
  for (const session of sessions) session.close();
  await endChild(relay);
  const names = calls.map(([name]) => name);
  const table = (title: string, quantile: number): Table =>
    tabulate(names, samples, { title, unit: 'ms', better: 'less', quantile });
  return [table('A key and its echo', 0.5), table('A key and its echo, the slowest of 100', 0.99)];
}

/** A program on a terminal of ours that shows each key that is typed. */
interface Session extends Contestant {
  close(): void;
}

async function openSession(
  name: string,
  terminals: TerminalCalls,
  [file = '', ...args]: readonly string[],
): Promise<Session> {
  const { master, path: tty } = terminals.open({ columns: 80, rows: 24, isUtf8: true });
  const slave = fs.openSync(tty, fs.constants.O_RDWR | fs.constants.O_NOCTTY);
  const child = spawn(file, args, { stdio: [slave, slave, slave] });
  fs.closeSync(slave);
  const screen = new ReadStream(master);
  screen.on('error', () => undefined);
  let shown = '';
  while (!shown.includes('ready')) shown += String((await once(screen, 'data'))[0]);
  return {
    name,
    async once() {
      const seen = once(screen, 'data');
      screen.write('x');
      await seen;
    },
    close() {
      child.kill('SIGKILL');
      screen.destroy();
    },
  };
}
