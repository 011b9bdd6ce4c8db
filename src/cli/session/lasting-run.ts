import { randomUUID } from 'node:crypto';
import { finished, PassThrough, type Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { OpenHost } from '../../client/host.ts';
import { makeRun } from '../../client/make-run.ts';
import type { RemoteRun, RunOptions, RunResult, RunTerminal } from '../../client/run-types.ts';
import { RexaError } from '../../protocol/errors.ts';
import { RESUME_FOR_TERMINALS_MS } from '../../protocol/limits.ts';
import { LASTING } from '../../protocol/version.ts';
import type { SessionInfo, SessionOptions } from '../../services/sessions/client-types.ts';
import { reportConnection } from '../host/connection-line.ts';
import { SESSION_RETRY_MS } from '../limits.ts';
import { createExactStreams } from './exact-streams.ts';

type Run = RemoteRun<string | Uint8Array>;
type Result = RunResult<string | Uint8Array>;

/** What a run is made of that is taken up again at the next daemon. */
export interface LastingOptions {
  readonly options: RunOptions;
  /** The session that it is in; null: it has a terminal of its own, which ends with it. */
  readonly session: SessionOptions | null;
  /** Starts the run, or joins its session or terminal again. */
  start(host: OpenHost, options: RunOptions): Run;
  /** Opens the host again, quietly. @throws RexaError */
  reopen(): Promise<OpenHost>;
  /** How long a lost session or terminal is looked for. */
  readonly reconnectForMs?: number | undefined;
}

/** Such a run, and what else can be asked of it. */
export interface LastingRun {
  readonly run: Run;
  repaint(): void;
  /** Measures the way to the present host. Rejects when that is gone. */
  ping(): Promise<number>;
}

/** What a daemon that was killed, restarted or replaced leaves behind at its client. */
const LOSSES: readonly (string | null)[] = [
  'LINK_LOST',
  'LINK_UNKNOWN',
  'SHUTTING_DOWN',
  'PEER_SILENT',
  'RECONNECT_FAILED',
];

/**
 * Starts a run in a session or on a terminal that outlives its daemon, and joins that again at the next daemon whenever the
 * connection to one is gone: one run for whoever follows it. Its command is not started twice, since it is known by the id of the
 * run. Of a session the screen is painted again; of a terminal each byte comes once, both ways.
 */
export function startLastingRun(first: OpenHost, lasting: LastingOptions): LastingRun {
  const { session, reconnectForMs = RESUME_FOR_TERMINALS_MS } = lasting;
  // By its id the supervisor knows a request that is repeated before the session was told of
  const options = { ...lasting.options, id: lasting.options.id ?? randomUUID() };
  const exact = session === null ? createExactStreams() : null;
  const stdout = new PassThrough();
  const abandoned = Promise.withResolvers<'abandoned'>();
  let known: SessionInfo | null = null;
  let size: RunTerminal | undefined = options.terminal;
  let isLeft = false;
  let host = first;
  /** Keys wait here while there is nothing that they could go to. */
  let waiting: (() => void) | null = null;
  /** Keys may be sent: those that did not arrive at the daemon before have been sent again. */
  let isReady = true;
  let hasEnded = false;
  let run = begin();

  const stdin = new Writable({
    write(chunk: Uint8Array, _encoding, done) {
      if (run === null || !isReady || exact?.isFull === true) {
        waiting = () => stdin._write(chunk, 'utf8', done);
        return;
      }
      exact?.take(chunk);
      if (run.stdin === null || run.stdin.destroyed) done();
      else if (run.stdin.write(chunk)) done();
      else untilTaken(run.stdin, done);
    },
    final(done) {
      hasEnded = true;
      run?.stdin?.end();
      done();
    },
  });

  function begin(): Run | null {
    const asked = {
      ...options,
      ...(size === undefined ? {} : { terminal: size }),
    };
    if (session === null) return lasting.start(host, { ...asked, lasting: exact?.join(sendAgain, wake) });
    return lasting.start(host, { ...asked, session: nameAgain(session) });
  }

  function nameAgain(asked: SessionOptions): SessionOptions {
    const again = known === null ? {} : { open: 'existing' as const, id: known.id, historyLines: 0 };
    return {
      ...asked,
      ...again,
      handleSession(told) {
        known = told;
        asked.handleSession?.(told);
      },
    };
  }

  /** The terminal goes on behind what has arrived there. */
  function sendAgain(typed: readonly Uint8Array[]): void {
    for (const chunk of typed) run?.stdin?.write(chunk);
    if (hasEnded) run?.stdin?.end();
    isReady = true;
    wake();
  }

  function wake(): void {
    const write = waiting;
    waiting = null;
    write?.();
  }

  async function follow(): Promise<Result> {
    for (;;) {
      const current = run as Run;
      current.stdout.on('error', () => undefined).pipe(stdout, { end: false });
      current.stdout.on('data', (chunk: Uint8Array) => exact?.handleOutput(chunk.length));
      current.stderr.resume();
      const result = await current;
      if (isLeft || !isLost(result)) return finish(result, current.stdout);
      run = null;
      // What was not passed on comes again
      current.stdout.unpipe(stdout).destroy();
      if (!(await joinAgain(new RexaError('LINK_LOST', [host.address, result.reason ?? '']))))
        return finish(result, current.stdout);
    }
  }

  function isLost({ outcome, code }: Result): boolean {
    const isJoined = exact?.isLasting ?? known !== null;
    // The next daemon may be gone before it is asked
    if (isJoined && outcome === 'unreachable') return true;
    return (isJoined || exact === null) && LOSSES.includes(code);
  }

  async function joinAgain(lost: RexaError): Promise<boolean> {
    const untilMs = performance.now() + reconnectForMs;
    while (!isLeft && performance.now() < untilMs) {
      reportConnection({ kind: 'waiting', retryInMs: SESSION_RETRY_MS, error: lost });
      if (await tryAgain()) return true;
      await Promise.race([sleep(SESSION_RETRY_MS), abandoned.promise]);
    }
    return false;
  }

  async function tryAgain(): Promise<boolean> {
    const opening = lasting.reopen();
    try {
      const next = await Promise.race([opening, abandoned.promise]);
      if (next === 'abandoned' || isLeft) {
        opening.then((late) => late.close()).catch(() => undefined);
        return false;
      }
      // An older one would run the command anew
      if (exact !== null && next.knows?.(LASTING) !== true) {
        await next.close();
        return false;
      }
      host = next;
    } catch (error) {
      if (error instanceof RexaError) return false;
      throw error;
    }
    isReady = exact === null;
    run = begin();
    reportConnection({ kind: 'resumed' });
    if (isReady) wake();
    return true;
  }

  /** @param last it may wait for its reader still */
  function finish(result: Result, last: Readable): Result {
    finished(last, { writable: false }, () => stdout.end());
    if (host !== first) void host.close().catch(() => undefined);
    return isLeft ? { ...result, outcome: 'lost', code: 'ABANDONED' } : result;
  }

  function leave(): void {
    isLeft = true;
    abandoned.resolve('abandoned');
    run?.abandon();
  }

  /** A session goes on without us; a terminal is nobody else's. */
  function endWith(end: (current: Run) => void): void {
    if (exact === null || run === null) leave();
    else end(run);
  }

  const started = run as Run;
  void started.pid.then(exact?.handleStarted);
  const members = makeRun(follow(), {
    id: started.id,
    pid: started.pid,
    job: Promise.resolve(null),
    exited: exact === null ? Promise.resolve(null) : started.exited,
    stdin,
    stdout,
    stderr: started.stderr,
    stdio: [stdin, stdout, started.stderr],
    kill: (...words) => run?.kill(...words),
    resize(columns, rows, pixels = {}) {
      const next = { ...size, ...pixels, columns, rows };
      const isSame = exact === null && size?.columns === columns && size.rows === rows;
      size = next;
      if (!isSame) run?.resize(columns, rows, pixels);
    },
    onInputRefused: started.onInputRefused,
    // What lasts is not the daemon's that leaves
    onDraining: (tell) =>
      started.onDraining((leftMs) => {
        if (exact?.isLasting === false) tell(leftMs);
      }),
    cancel: () => endWith((current) => current.cancel()),
    hangUp: () => endWith((current) => current.hangUp()),
    abandon: leave,
  });
  return {
    run: members,
    ping: () => host.ping(),
    repaint() {
      if (size !== undefined) run?.resize(size.columns, size.rows, size);
    },
  };
}

/** Calls back once, when a stream takes more, or nothing any more. */
function untilTaken(stream: Writable, done: () => void): void {
  const end = (): void => {
    stream.off('drain', end).off('close', end);
    done();
  };
  stream.once('drain', end).once('close', end);
}
