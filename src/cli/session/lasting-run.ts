import { randomUUID } from 'node:crypto';
import { PassThrough, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { OpenHost } from '../../client/host.ts';
import { makeRun } from '../../client/make-run.ts';
import type { RemoteRun, RunOptions, RunResult, RunTerminal } from '../../client/run-types.ts';
import { RexaError } from '../../protocol/errors.ts';
import { RESUME_FOR_TERMINALS_MS } from '../../protocol/limits.ts';
import type { SessionInfo, SessionOptions } from '../../services/sessions/client-types.ts';
import { reportConnection } from '../host/connection-line.ts';
import { SESSION_RETRY_MS } from '../limits.ts';

type Run = RemoteRun<string | Uint8Array>;
type Result = RunResult<string | Uint8Array>;

/** What a run in a session is made of. */
export interface LastingOptions {
  readonly options: RunOptions;
  readonly session: SessionOptions;
  /** Starts the run, or joins its session again. */
  start(host: OpenHost, options: RunOptions): Run;
  /** Opens the host again, quietly. @throws RexaError */
  reopen(): Promise<OpenHost>;
  /** How long a lost session is looked for. */
  readonly reconnectForMs?: number | undefined;
}

/** A run in a session, and what else can be asked of that. */
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
 * Starts a run in a session, and joins that again at the next daemon whenever the connection to one is gone: one run for whoever
 * follows it. Its command is not started twice, since it is known by the id of the run until the session has told its own.
 */
export function startLastingRun(first: OpenHost, lasting: LastingOptions): LastingRun {
  const { session, reconnectForMs = RESUME_FOR_TERMINALS_MS } = lasting;
  // By its id the supervisor knows a request that is repeated before the session was told of
  const options = { ...lasting.options, id: lasting.options.id ?? randomUUID() };
  const stdout = new PassThrough();
  const abandoned = Promise.withResolvers<'abandoned'>();
  let known: SessionInfo | null = null;
  let size: RunTerminal | undefined = options.terminal;
  let isLeft = false;
  let host = first;
  let run = begin();
  /** Keys wait here while there is no session that they could go to. */
  let waiting: (() => void) | null = null;

  const stdin = new Writable({
    write(chunk: Uint8Array, _encoding, done) {
      if (run === null) waiting = () => stdin._write(chunk, 'utf8', done);
      else if (run.stdin === null || run.stdin.destroyed) done();
      else if (run.stdin.write(chunk)) done();
      else untilTaken(run.stdin, done);
    },
    final(done) {
      run?.stdin?.end();
      done();
    },
  });

  function begin(): Run | null {
    const asked =
      known === null ? session : { ...session, open: 'existing' as const, id: known.id, historyLines: 0 };
    return lasting.start(host, {
      ...options,
      ...(size === undefined ? {} : { terminal: size }),
      session: {
        ...asked,
        handleSession(told) {
          known = told;
          session.handleSession?.(told);
        },
      },
    });
  }

  async function follow(): Promise<Result> {
    for (;;) {
      const current = run as Run;
      current.stdout.on('error', () => undefined).pipe(stdout, { end: false });
      current.stderr.resume();
      const result = await current;
      if (isLeft || !LOSSES.includes(result.code)) return finish(result);
      run = null;
      if (!(await joinAgain(new RexaError('LINK_LOST', [host.address, result.reason ?? '']))))
        return finish(result);
    }
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
      host = next;
    } catch (error) {
      if (error instanceof RexaError) return false;
      throw error;
    }
    run = begin();
    reportConnection({ kind: 'resumed' });
    waiting?.();
    waiting = null;
    return true;
  }

  function finish(result: Result): Result {
    stdout.end();
    if (host !== first) void host.close().catch(() => undefined);
    return isLeft ? { ...result, outcome: 'lost', code: 'ABANDONED' } : result;
  }

  function leave(): void {
    isLeft = true;
    abandoned.resolve('abandoned');
    run?.abandon();
  }

  const started = run as Run;
  const members = makeRun(follow(), {
    id: started.id,
    pid: started.pid,
    job: Promise.resolve(null),
    exited: Promise.resolve(null),
    stdin,
    stdout,
    stderr: started.stderr,
    stdio: [stdin, stdout, started.stderr],
    kill: (signal) => run?.kill(signal),
    resize(columns, rows, pixels = {}) {
      const next = { ...size, ...pixels, columns, rows };
      const isSame = size?.columns === columns && size.rows === rows;
      size = next;
      if (!isSame) run?.resize(columns, rows, pixels);
    },
    onInputRefused: () => undefined,
    onDraining: () => undefined,
    cancel: leave,
    hangUp: leave,
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
