import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '../../src/client/index.ts';
import { startDaemon } from './daemon.ts';

const SESSIONS = 200;
/** For the heap to come to rest: a figure that is taken at once counts what is about to be collected. */
const SETTLE_MS = 1500;

/** What one live session (a connection with a running command) adds to the daemon, beside execa in one bare Node. */
export async function measure(): Promise<string[]> {
  await using daemon = await startDaemon();
  const idle = await connect(daemon.address);
  await idle.run('true');
  await sleep(SETTLE_MS);
  const before = readPssKib(daemon.pid);
  const hosts = await Promise.all(Array.from({ length: SESSIONS }, () => connect(daemon.address)));
  const connected = await settle(daemon.pid);
  const runs = hosts.map((host) =>
    host.run('sleep', ['600'], { stdin: 'pipe', reject: false, buffer: false }),
  );
  await Promise.all(runs.map((run) => run.pid));
  const running = await settle(daemon.pid);
  await Promise.all([...hosts, idle].map((host) => host.close()));
  const rival = await measureExeca();
  return [
    `the daemon alone                              ${before} KiB (PSS)`,
    `an idle connection                            ${perSession(before, connected)} KiB`,
    `a connection with a running command           ${perSession(before, running)} KiB`,
    `a command under execa in one bare Node        ${rival} KiB`,
  ];
}

async function settle(pid: number): Promise<number> {
  await sleep(SETTLE_MS);
  return readPssKib(pid);
}

const perSession = (before: number, after: number): string => ((after - before) / SESSIONS).toFixed(1);

/** PSS of proc(5): shared pages counted in proportion. */
function readPssKib(pid: number): number {
  const text = fs.readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  return Number(/^Pss:\s+(\d+)/m.exec(text)?.[1]);
}

async function measureExeca(): Promise<string> {
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
  return perSession(before, after);
}
