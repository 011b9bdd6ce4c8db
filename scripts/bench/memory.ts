import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '../../src/client/index.ts';
import { runInFlight } from './calls.ts';
import { startDaemon } from './daemon.ts';
import { type Table, tabulate } from './figures.ts';

const SESSIONS = 200;
const RUNS = 10_000;
const IN_FLIGHT = 32;
/** For the heap to come to rest: a figure that is taken at once counts what is about to be collected. */
const SETTLE_MS = 1500;

/** What the daemon takes before and after many runs, and what one live session adds to it, beside execa in one bare Node. */
export async function measure(): Promise<Table[]> {
  return [await measureRuns(), await measureSessions()];
}

async function measureRuns(): Promise<Table> {
  await using daemon = await startDaemon();
  const host = await connect(daemon.address);
  await host.run('true');
  const before = readKib(daemon.pid, 'status', 'VmRSS') / 1024;
  await runInFlight(RUNS, IN_FLIGHT, () => host.run('true'));
  const after = readKib(daemon.pid, 'status', 'VmRSS') / 1024;
  await host.close();
  const names = [`rexad after ${RUNS.toLocaleString('en')} runs`, 'rexad after one'];
  return tabulate(names, [[after], [before]], { title: 'Resident memory', unit: 'MiB', better: 'less' });
}

async function measureSessions(): Promise<Table> {
  await using daemon = await startDaemon();
  const idle = await connect(daemon.address);
  await idle.run('true');
  const before = await settle(daemon.pid);
  const hosts = await Promise.all(Array.from({ length: SESSIONS }, () => connect(daemon.address)));
  const connected = await settle(daemon.pid);
  const runs = hosts.map((host) =>
    host.run('sleep', ['600'], { stdin: 'pipe', reject: false, buffer: false }),
  );
  await Promise.all(runs.map((run) => run.pid));
  const running = await settle(daemon.pid);
  await Promise.all([...hosts, idle].map((host) => host.close()));
  const names = [
    'rexa, an idle connection',
    'rexa, a connection with a running command',
    'execa in one bare Node, a command',
  ];
  const figures = [(connected - before) / SESSIONS, (running - before) / SESSIONS, await measureExeca()];
  return tabulate(
    names,
    figures.map((each) => [each]),
    { title: 'Memory of a session (PSS)', unit: 'KiB', better: 'less' },
  );
}

async function settle(pid: number): Promise<number> {
  await sleep(SETTLE_MS);
  return readPssKib(pid);
}

/** Returns the memory of a process in KiB, with its part of shared pages. */
export function readPssKib(pid: number): number {
  return readKib(pid, 'smaps_rollup', 'Pss');
}

/** A figure of proc(5). */
function readKib(pid: number, file: string, name: string): number {
  const text = fs.readFileSync(`/proc/${pid}/${file}`, 'utf8');
  return Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1]);
}

async function measureExeca(): Promise<number> {
  const holder = path.resolve(import.meta.dirname, 'execa-holder.ts');
  const child = spawn(process.execPath, [holder, String(SESSIONS)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const pid = child.pid ?? 0;
  await once(child.stdout, 'data');
  const before = await settle(pid);
  child.stdin.write('go\n');
  await once(child.stdout, 'data');
  const after = await settle(pid);
  child.stdin.end();
  await once(child, 'exit');
  return (after - before) / SESSIONS;
}
