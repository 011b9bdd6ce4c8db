import { runRecordsFolder } from '../places/local-socket.ts';
import { describeCause } from '../protocol/caused-by.ts';
import { RexaError } from '../protocol/errors.ts';
import type { Log } from '../runtime/log.ts';
import { limitReadGarbage } from '../runtime/read-garbage.ts';
import { parseListenAddress } from '../transports/listen-address.ts';
import { planDrain } from './drain.ts';
import { watchForLeaving } from './leaving.ts';
import type { Listener } from './listen/listener.ts';
import { createLog } from './log.ts';
import { type DaemonOptions, parseDaemonOptions, readConfigured } from './options.ts';
import { openServer, type Server } from './server.ts';

/** A status of its own: a program that started a second daemon can use the first. */
const EXIT_ALREADY_LISTENING = 3;

/** The program `rexad`: reads its options, listens, serves until a signal or a long idle time ends it. */
async function main(): Promise<void> {
  // What ps, pgrep and pkill show: else every program of Node has the same name.
  process.title = 'rexad';
  const options = await parseDaemonOptions(process.argv.slice(2));
  try {
    process.exit(await ACTIONS[options.action](options));
  } catch (error) {
    const known =
      error instanceof RexaError ? error : new RexaError('INTERNAL', [String(error)], { cause: error });
    process.stderr.write(`rexad: ${known.message}\n`);
    process.exit(known.code === 'ALREADY_LISTENING' ? EXIT_ALREADY_LISTENING : 1);
  }
}

/** The modules of the others are loaded when they are called. */
const ACTIONS: Readonly<Record<DaemonOptions['action'], (options: DaemonOptions) => Promise<number>>> = {
  serve: (options) => serve(options, createLog(options.logFormat)),
  relay: async (options) => (await import('./actions/relay.ts')).relay(options),
  status: async (options) => (await import('./actions/status.ts')).showStatus(options),
  completion: async ({ actionWords }) => (await import('./actions/completion.ts')).complete(actionWords),
  'check-config': async (options) => (await import('./actions/check-config.ts')).checkConfig(options),
};

/** @returns the exit status, once it was told to leave */
async function serve(options: DaemonOptions, log: Log): Promise<number> {
  /** What may change while we serve is read here. */
  let current = options;
  let server: Server | null = null;
  // Before anybody can know of us: a signal that comes with the first connection must not find us without an answer.
  let reloading = Promise.resolve();
  const leaving = watchForLeaving({
    isBusy: () => server === null || server.daemon.isBusy,
    idleMs: options.idleExitMs,
    reload() {
      reloading = reloading.then(async () => {
        if (server !== null) current = await reload(current, server, log);
      });
    },
  });
  limitReadGarbage();
  server = await openServer({
    ...options,
    addresses: options.listen.map((url) => parseListenAddress(url)),
    log,
    recording: options.recordTerminals,
    talk: { logFolder: options.talkLog },
    jobs: true,
    files: true,
    ownServices: [],
    runRecords: runRecordsFolder(),
    ownsProcess: true,
  });
  // Ignore EPIPE: the parent may close stdout early.
  process.stdout.on('error', () => {});
  if (options.json) for (const listener of server.listeners) await announce(listener);

  const reason = await leaving.due;
  log.info('shutting down', { reason, runs: server.runCount });
  await server.close(planDrain(current.drainMs, leaving.hurried));
  log.info('stopped');
  return 0;
}

/** Settings of which another value needs another daemon. */
const FIXED = [
  'listen',
  'audit',
  'talkLog',
  'recordTerminals',
  'logFormat',
  'encoding',
  'allowRoot',
  'idleExitMs',
] as const;

/** Reads configuration and keys again, for what comes from now on. Where they are not valid, those before hold. */
async function reload(before: DaemonOptions, server: Server, log: Log): Promise<DaemonOptions> {
  try {
    const next = await readConfigured(process.argv.slice(2));
    if (typeof next === 'string') return before;
    await server.reload(next);
    const unchanged = FIXED.filter((name) => JSON.stringify(next[name]) !== JSON.stringify(before[name]));
    log.info('configuration and keys are loaded again', { config: next.config });
    if (unchanged.length > 0)
      log.warn('some settings take effect at the next start', { settings: unchanged });
    return next;
  } catch (error) {
    log.error('configuration and keys are not loaded again: those before hold', {
      error: describeCause(error),
    });
    return before;
  }
}

/**
 * One line for each listener, for the program that started us and waits for them; one that has left waits no more.
 * @throws RexaError ANNOUNCE_FAILED
 */
async function announce({ url, fingerprint }: Listener): Promise<void> {
  const line = `${JSON.stringify({ event: 'listening', url, fingerprint })}\n`;
  const cause = await new Promise<NodeJS.ErrnoException | null | undefined>((resolve) => {
    process.stdout.write(line, resolve);
  });
  if (cause && cause.code !== 'EPIPE') throw new RexaError('ANNOUNCE_FAILED', [cause.message], { cause });
}

await main();
