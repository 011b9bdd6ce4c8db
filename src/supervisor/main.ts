import { once } from 'node:events';
import type { Socket } from 'node:net';
import { supervisorPaths } from '../places/local-socket.ts';
import { createRunner } from '../process/runner/create-runner.ts';
import { loadExeca } from '../process/runner/load-execa.ts';
import { startChildReaper } from '../process/system/child-reaper.ts';
import { loadSystemCalls } from '../process/system/load-system-calls.ts';
import type { SystemCalls } from '../process/system/system-calls.ts';
import { listenUnix, readPeer } from '../process/unix-socket.ts';
import { describeCause } from '../protocol/caused-by.ts';
import { RexaError } from '../protocol/errors.ts';
import { showText } from '../protocol/show-text.ts';
import { limitReadGarbage } from '../runtime/read-garbage.ts';
import { unixTransport } from '../transports/unix.ts';
import { createJobs } from './jobs/jobs.ts';
import { SUPERVISOR_IDLE_MS, SUPERVISOR_TIDY_MS } from './limits.ts';
import { log } from './log.ts';
import { recoverJobs } from './recover.ts';
import { createSessions } from './sessions/sessions.ts';
import { openJobStore } from './store/job-store.ts';
import { createSupervisor, type Supervisor } from './supervisor.ts';
import { createTerminals } from './terminals/terminals.ts';

/** A status of its own: a program that started a second supervisor can use the first. */
const EXIT_ALREADY_LISTENING = 3;
/** How often an idle supervisor looks whether it may leave. */
const LOOKS_PER_IDLE_TIME = 10;

/** The supervisor: spawns and owns the jobs of this account, and outlives the daemons that ask it to; docs/jobs.md. */
async function main(): Promise<void> {
  process.title = 'rexa-supervisor';
  // Jobs outlive a terminal
  for (const signal of ['SIGHUP', 'SIGINT'] as const) process.on(signal, () => undefined);
  try {
    await serve();
    process.exit(0);
  } catch (error) {
    const reason = describeCause(error);
    process.stderr.write(`rexa-supervisor: ${showText(reason)}\n`);
    const isSecond = error instanceof RexaError && error.code === 'ALREADY_LISTENING';
    process.exit(isSecond ? EXIT_ALREADY_LISTENING : 1);
  }
}

async function serve(): Promise<void> {
  const { socket, jobs: folder } = supervisorPaths();
  const system = await loadSystemCalls();
  const reaper = startChildReaper(system, { adoptsOrphans: true });
  limitReadGarbage();
  const runner = createRunner(system, reaper);
  const early: Socket[] = [];
  const hold = (connection: Socket): void => void early.push(connection);
  // The lock beside the socket comes first: only its holder may touch the records
  const listener = await listenUnix(socket, system, log);
  listener.server.on('connection', hold);

  const store = openJobStore(folder, log);
  recoverJobs(store, log);
  const jobs = createJobs(store, runner, log);
  const sessions = createSessions(runner, log);
  const terminals = createTerminals(runner);
  const supervisor = createSupervisor(jobs, sessions, terminals, log);
  listener.server.off('connection', hold);
  listener.server.on('connection', (connection) => accept(connection, supervisor, system));
  for (const connection of early) accept(connection, supervisor, system);
  log('ready', { pid: process.pid, system: system.name });
  // Now: the file that it would be loaded from later may be another version's by then
  await loadExeca();

  const tidy = setInterval(() => store.tidy(Date.now()), SUPERVISOR_TIDY_MS);
  store.tidy(Date.now());
  const why = await Promise.race([
    untilIdle(supervisor),
    supervisor.retired.then(() => 'another version takes over'),
    once(process, 'SIGTERM').then(() => 'SIGTERM'),
  ]);
  clearInterval(tidy);
  log('leaving', { why });
  // Those too that were asked for while others were being ended
  const reason = ': the supervisor of jobs was told to end';
  const work = [jobs, sessions, terminals];
  while (work.some(({ liveCount }) => liveCount > 0))
    await Promise.all(work.map((each) => each.endAll(reason)));
  // From here on nothing is taken: what arrives hears so, and goes to the next supervisor
  await Promise.all([supervisor.leave(), listener.close()]);
  store.close();
}

/** Only our own user may ask, root included. */
function accept(connection: Socket, supervisor: Supervisor, system: SystemCalls): void {
  const peer = readPeer(connection, system);
  const own = process.getuid?.();
  if (peer !== null && own !== undefined && peer.uid !== own) {
    log('a peer was refused', { uid: peer.uid });
    connection.destroy();
    return;
  }
  supervisor.serve(unixTransport(connection));
}

function untilIdle(supervisor: Supervisor): Promise<string> {
  return new Promise((resolve) => {
    let busyAtMs = performance.now();
    setInterval(() => {
      if (supervisor.isBusy) busyAtMs = performance.now();
      else if (performance.now() - busyAtMs >= SUPERVISOR_IDLE_MS) resolve('no job for a while');
    }, SUPERVISOR_IDLE_MS / LOOKS_PER_IDLE_TIME);
  });
}

await main();
