import type { Runner } from '../../process/runner/runner.ts';
import { RexaError } from '../../protocol/errors.ts';
import type { SessionView } from '../../protocol/session.ts';
import type { CallChannel } from '../../services/call.ts';
import type { SupervisorOpenRequest } from '../../services/sessions/supervisor-messages.ts';
import {
  MAX_ENDED_SESSIONS,
  MAX_SESSION_COLUMNS,
  MAX_SESSION_ROWS,
  MAX_SESSIONS,
  MAX_SESSIONS_PER_OWNER,
  SESSION_KEEP_MS,
} from '../limits.ts';
import type { Log } from '../log.ts';
import { createOwnerPool } from '../owner-pool.ts';
import { type LiveSession, startSession } from './live-session.ts';

/**
 * All terminal sessions of this account, each under a name of its own: whoever may run commands as the account may attach to any.
 *
 * | state of a name | on                            | next                                     |
 * |-----------------|-------------------------------|------------------------------------------|
 * | free, ended     | `new`, `join`                 | starting                                 |
 * | starting        | its program runs              | running                                  |
 * |                 | it could not be started       | free                                     |
 * | running         | its program has ended         | ended                                    |
 * | ended           | SESSION_KEEP_MS are over      | free                                     |
 */
export interface Sessions {
  readonly liveCount: number;
  /** Attaches a client, for whom the session is started if that is asked for. @throws RexaError SESSION_EXISTS and others */
  open(channel: CallChannel, request: SupervisorOpenRequest): Promise<void>;
  /** Those that run, and those that ended lately. */
  list(): Promise<readonly SessionView[]>;
  /** Returns the rows of the screen of a session that runs. @throws RexaError SESSION_UNKNOWN, SESSION_ENDED */
  text(name: string): Promise<readonly string[]>;
  /** Ends a session. Resolves when it has ended. @throws RexaError SESSION_UNKNOWN, SESSION_ENDED */
  end(name: string): Promise<SessionView>;
  /** Tells a watcher of the end of the session with this mark: at once, if it has ended. */
  watch(mark: string, watcher: SessionWatcher): void;
  unwatch(watcher: SessionWatcher): void;
  /** Ends what a principal has attached to a session, if that runs. */
  expel(name: string, owner: string): Promise<void>;
  /** Ends all that run. */
  endAll(why: string): Promise<void>;
}

/** Who waits for the end of sessions: the audit of a daemon. */
export interface SessionWatcher {
  /** @param session null: it is not known here, or its program could not be started */
  handleEnd(mark: string, session: SessionView | null): void;
  handleRecordingFailed(mark: string, reason: string): void;
}

/** A session whose program runs, or is about to. */
interface StartedSession {
  readonly id: string;
  readonly mark: string;
  /** Those who wait for its end. */
  readonly watchers: Set<SessionWatcher>;
  /** Rejects when nothing was run. */
  readonly session: Promise<LiveSession>;
}

/** What a session was at its end. */
interface EndedSession {
  readonly mark: string;
  readonly view: SessionView;
}

/** Creates the sessions of a supervisor. */
export function createSessions(runner: Runner, log: Log): Sessions {
  const live = new Map<string, StartedSession>();
  const ended = new Map<string, EndedSession>();
  const pool = createOwnerPool(MAX_SESSIONS, MAX_SESSIONS_PER_OWNER);

  /** Up to the first await one step: of two who start a session, one starts it and the other finds it. */
  function launch(request: SupervisorOpenRequest, start: NonNullable<SupervisorOpenRequest['start']>) {
    const { principal, name } = request;
    const giveBack = pool.take(principal);
    if (giveBack === null) throw new RexaError('SESSIONS_EXHAUSTED', [pool.heldBy(principal)]);
    const watchers = new Set<SessionWatcher>();
    const session = startSession({ ...request, size: limitSize(request.size) }, start, runner, {
      log,
      handleRecordingFailed(reason) {
        for (const watcher of watchers) watcher.handleRecordingFailed(start.mark, reason);
      },
    });
    const started = { id: start.id, mark: start.mark, session, watchers };
    live.set(name, started);
    void follow(name, started).finally(giveBack);
    return session;
  }

  async function follow(name: string, { mark, session: starting, watchers }: StartedSession): Promise<void> {
    let last: SessionView | null = null;
    try {
      const session = await starting;
      ended.delete(name);
      log('a session runs', { name, pid: session.view.pid });
      await session.ended;
      last = session.view;
      log('a session has ended', { name, outcome: last.outcome?.name, exitCode: last.outcome?.exitCode });
      ended.set(name, { mark, view: last });
      if (ended.size > MAX_ENDED_SESSIONS) ended.delete(ended.keys().next().value ?? '');
    } catch {
      // Whoever asked for it is told why
    }
    live.delete(name);
    for (const watcher of watchers) watcher.handleEnd(mark, last);
  }

  function forgetOld(): void {
    const before = Date.now() - SESSION_KEEP_MS;
    for (const [name, { view }] of ended) if ((view.endedMs ?? 0) < before) ended.delete(name);
  }

  /** @throws RexaError SESSION_UNKNOWN */
  function find(name: string): Promise<LiveSession> | SessionView {
    forgetOld();
    const found = live.get(name)?.session ?? ended.get(name)?.view;
    if (found === undefined) throw new RexaError('SESSION_UNKNOWN', [name]);
    return found;
  }

  /** @throws RexaError SESSION_UNKNOWN, SESSION_ENDED */
  async function findRunning(name: string): Promise<LiveSession> {
    const session = await find(name);
    if (!('join' in session)) throw new RexaError('SESSION_ENDED', [name]);
    return session;
  }

  async function open(channel: CallChannel, request: SupervisorOpenRequest): Promise<void> {
    const { name, open: how, session: id, start } = request;
    const running = live.get(name);
    const isOwn = start !== undefined && (running ?? ended.get(name)?.view)?.id === start.id;
    const isNew = running === undefined && !isOwn && how !== 'existing' && start !== undefined;
    if (running !== undefined && how === 'new' && !isOwn) throw new RexaError('SESSION_EXISTS', [name]);
    const found = isNew ? launch(request, start) : find(name);
    const session = await found;
    const view = 'view' in session ? session.view : session;
    if (id !== undefined && id !== view.id) throw new RexaError('SESSION_REPLACED', [name]);
    if ('join' in session && view.state !== 'ended') session.join({ channel, ...request }, isNew);
    else channel.close({ session: view, ...(view.outcome === null ? {} : { outcome: view.outcome }) });
  }

  return {
    get liveCount() {
      return live.size;
    },
    open,
    async list() {
      forgetOld();
      const started = await Promise.allSettled([...live.values()].map(({ session }) => session));
      const running = started.flatMap((each) => (each.status === 'fulfilled' ? [each.value.view] : []));
      return [...running, ...[...ended.values()].map(({ view }) => view)];
    },
    text: async (name) => (await findRunning(name)).text(),
    async end(name) {
      const session = await findRunning(name);
      session.end(' by rexa session end');
      await session.ended;
      return session.view;
    },
    watch(mark, watcher) {
      const running = [...live.values()].find((session) => session.mark === mark);
      if (running !== undefined) running.watchers.add(watcher);
      else
        watcher.handleEnd(mark, [...ended.values()].find((session) => session.mark === mark)?.view ?? null);
    },
    unwatch(watcher) {
      for (const { watchers } of live.values()) watchers.delete(watcher);
    },
    async expel(name, owner) {
      (await live.get(name)?.session)?.expel(owner);
    },
    async endAll(why) {
      await Promise.allSettled(
        [...live.values()].map(async ({ session }) => {
          const { end, ended: over } = await session;
          end(why);
          await over;
        }),
      );
    },
  };
}

function limitSize(size: SupervisorOpenRequest['size']): SupervisorOpenRequest['size'] {
  return {
    ...size,
    columns: Math.min(size.columns, MAX_SESSION_COLUMNS),
    rows: Math.min(size.rows, MAX_SESSION_ROWS),
  };
}
