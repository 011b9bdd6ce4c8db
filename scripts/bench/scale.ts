import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { connect, type Host } from '../../src/client/index.ts';
import { runInFlight } from './calls.ts';
import { type BenchDaemon, startDaemon } from './daemon.ts';
import { type Table, tabulate } from './figures.ts';
import { DELAYS_VARIABLE } from './loop-delay.ts';
import { readPssKib } from './memory.ts';
import { readStage } from './stage.ts';

/** How many idle connections there are when something is measured beside them; behind the last, commands run too. */
const STEPS = [1, 100, 1_000, 5_000];
const COMMANDS = 1_000;
/** Connections and commands that are begun at once. */
const WIDTH = 64;
const RUNS = 200;
/** Seconds in which the delay of the daemon's event loop is looked at. */
const SECONDS = 8;

/** What was seen beside so many connections. */
interface Seen {
  readonly name: string;
  readonly runsMs: readonly number[];
  readonly delaysMs: readonly number[];
  readonly memoryMib: number;
}

/** A daemon that holds many connections and commands, beside itself with one connection. */
export async function measure(): Promise<Table[]> {
  const delays = path.join(readStage().home, 'delays');
  fs.writeFileSync(delays, '');
  const monitor = pathToFileURL(path.join(import.meta.dirname, 'loop-delay.ts')).href;
  await using daemon = await startDaemon([], ['--import', monitor], { [DELAYS_VARIABLE]: delays });
  await using probe = await connect(daemon.address);
  await lookAt(probe, daemon, delays, 'warm');
  const seen: Seen[] = [];
  const hosts: Host[] = [];
  for (const count of STEPS) {
    await addHosts(hosts, count - 1, daemon.address);
    const connections = count === 1 ? 'one connection' : `rexa, ${count.toLocaleString('en')} connections`;
    seen.unshift(await lookAt(probe, daemon, delays, connections));
  }
  const running = await startCommands(hosts.slice(0, COMMANDS));
  const all = `rexa, ${(hosts.length + 1).toLocaleString('en')} and ${COMMANDS.toLocaleString('en')} commands`;
  seen.unshift(await lookAt(probe, daemon, delays, all));
  await Promise.all(hosts.map((host) => host.close()));
  await Promise.allSettled(running);
  const names = seen.map(({ name }) => name);
  const less = { unit: 'ms', better: 'less' } as const;
  return [
    tabulate(
      names,
      seen.map(({ runsMs }) => runsMs),
      { ...less, title: 'true beside idle connections' },
    ),
    tabulate(
      names,
      seen.map(({ delaysMs }) => delaysMs),
      { ...less, title: 'Delay of the event loop of rexad, 99 of 100 are shorter' },
    ),
    tabulate(
      names,
      seen.map(({ memoryMib }) => [memoryMib]),
      { title: 'Memory of rexad (PSS)', unit: 'MiB', better: 'less' },
    ),
  ];
}

async function addHosts(hosts: Host[], count: number, address: string): Promise<void> {
  await runInFlight(count - hosts.length, WIDTH, async () => {
    const host = await connect(address);
    await host.ping();
    hosts.push(host);
  });
}

/** Starts a command on each host. @returns the runs, which end with their hosts */
async function startCommands(hosts: readonly Host[]): Promise<Promise<unknown>[]> {
  const waiting = [...hosts];
  const runs: Promise<unknown>[] = [];
  await runInFlight(hosts.length, WIDTH, async () => {
    const run = waiting.pop()?.run('sleep', ['600'], { stdin: 'pipe', reject: false, buffer: false });
    if (run === undefined || (await run.pid) === null) throw new Error('a command did not start');
    runs.push(run);
  });
  return runs;
}

/** Runs `true` at an even pace for some seconds. */
async function lookAt(probe: Host, daemon: BenchDaemon, delays: string, name: string): Promise<Seen> {
  const before = readDelays(delays).length;
  const runsMs: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const startMs = performance.now();
    await probe.run('true');
    runsMs.push(performance.now() - startMs);
    await new Promise((resolve) => setTimeout(resolve, (SECONDS * 1000) / RUNS));
  }
  // The first second has the connections before it
  const delaysMs = readDelays(delays).slice(before + 1);
  return { name, runsMs, delaysMs, memoryMib: readPssKib(daemon.pid) / 1024 };
}

function readDelays(file: string): number[] {
  return fs.readFileSync(file, 'utf8').split('\n').slice(0, -1).map(Number);
}
