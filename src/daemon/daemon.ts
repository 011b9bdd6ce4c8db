import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { describeGrant, describePrincipal, identify, type Principal } from '../auth/principal.ts';
import { acceptLink } from '../link/accepted-link.ts';
import type { LinkChannel } from '../link/channel.ts';
import type { Link } from '../link/link.ts';
import type { LinkBody } from '../link/link-body.ts';
import { createLinkRegistry } from '../link/link-registry.ts';
import { createPayloadHolders } from '../link/payload-holders.ts';
import type { Transport } from '../link/transport.ts';
import { recycleBytes } from '../process/runner/chunk-memory.ts';
import { createBudget } from '../protocol/budget.ts';
import type { JsonObject } from '../protocol/control.ts';
import { errnoOf, RexaError } from '../protocol/errors.ts';
import {
  CHANNELS_PER_TURN,
  LAST_WORDS_MS,
  PROCESS_KEPT_BUDGET_BYTES,
  PROCESS_WINDOW_BUDGET_BYTES,
  RESUME_FOR_RUNS_MS,
  RESUME_FOR_SILENT_MS,
  RESUME_FOR_TERMINALS_MS,
  SURVIVOR_WAIT_MS,
} from '../protocol/limits.ts';
import type { Login, Verdict } from '../protocol/login.ts';
import type { Log } from '../runtime/log.ts';
import { authorizeService } from '../services/run/authorize.ts';
import type { RunService } from '../services/run/server.ts';
import type { Call, Service } from '../services/service.ts';
import { createAccountIntake } from './accounts/account-intake.ts';
import { type Account, CONNECTION_COSTS, type Ledger } from './accounts/ledger.ts';
import { type Audit, auditRefusal } from './audit/audit.ts';

export interface DaemonOptions {
  readonly agent: string;
  /** What `host` means in a request. */
  readonly hostEncoding: string;
  readonly log: Log;
  readonly audit: Audit;
  readonly runs: RunService;
  /** What each principal has taken of what is shared. */
  readonly ledger: Ledger;
  /** How long a link waits for another connection; null: as what is under way on it needs. */
  readonly resumeForMs: number | null;
  /** What else it does for its clients. */
  readonly services: readonly Service[];
  /** Called before the links end, so that jobs don't take it for their clients' goaway. */
  readonly releaseJobs: () => void;
}

/** What becomes of a login: a principal who is in, or an offer that is to be proven. It rejects with what the peer is told. */
export type StrangerJudge = (
  login: Login | null,
) => Promise<Admission | Extract<Verdict, { kind: 'chosen' }>>;

interface Admission {
  readonly kind: 'admitted';
  readonly principal: Principal;
}

/** Serves connections, wherever they were accepted. */
export interface Daemon {
  /** Its listeners are there: no other daemon takes connections in their places any more. */
  begin(): void;
  /** Takes a connection; `refusal` is told to a peer that may not come in. */
  serve(transport: Transport, principal: Principal, refusal: RexaError | null): void;
  /**
   * Takes a connection whose client has yet to say who it is.
   * @param judge as `LinkOptions.judge`, and whom it lets in
   */
  serveStranger(transport: Transport, judge: StrangerJudge): Link;
  readonly state: 'serving' | 'draining' | 'leaving';
  readonly connectionCount: number;
  /** Somebody is connected, or a command runs. */
  readonly isBusy: boolean;
  /**
   * Takes no new work, tells everybody, lets runs end by themselves until `drain.ending` resolves, ends the rest, and kills
   * at `drain.killing` what is left of that. Links may still be resumed.
   */
  drain(drain: Drain): Promise<void>;
  /** After that: says goaway to everybody. A client that does not take its output is not waited for: its run is lost to it. */
  leave(): Promise<void>;
}

/** How long a daemon that leaves waits for the commands of its clients. */
export interface Drain {
  /** Resolves when those that still run are told to end. */
  readonly ending: Promise<unknown>;
  /** From now to that, for those who are told. */
  readonly endingInMs: number;
  /** Resolves when those that are still there are killed, whatever time their requests give them. */
  readonly killing: Promise<unknown>;
}

export function createDaemon(options: DaemonOptions): Daemon {
  const { log, audit, runs, ledger } = options;
  const services = new Map([runs, ...options.services].map((service) => [service.name, service]));
  const processBudget = createBudget(PROCESS_WINDOW_BUDGET_BYTES);
  const keptBudget = createBudget(PROCESS_KEPT_BUDGET_BYTES);
  const holder = createPayloadHolders(recycleBytes);
  const links = new Set<Link>();
  /** Who is at the other end of each link: of the last connection that carries it. */
  const principals = new WeakMap<Link, Principal>();
  const registry = createLinkRegistry(({ body, id }) =>
    body.giveUp(new RexaError('LINK_UNKNOWN', [id, 'its client has not come back'])),
  );
  const channels = new Set<LinkChannel>();
  let state: 'serving' | 'draining' | 'leaving' = 'serving';
  let drainedAtMs = 0;
  /** Once a drain has begun: what is left of the commands has been killed. */
  let killed: Promise<unknown> = new Promise(() => undefined);

  const greeting = { role: 'daemon', agent: options.agent, encoding: options.hostEncoding } as const;
  const linkOptions = {
    processBudget,
    keptBudget,
    holder,
    registry,
    resumeForMs: (body: LinkBody, error: RexaError | null) =>
      options.resumeForMs ?? resumeForMs(body.requests(), error),
  };

  function keep(link: Link): Link {
    links.add(link);
    void link.closed.then(() => links.delete(link));
    return link;
  }

  /** The account is charged with the link until that is closed. @throws RexaError SHUTTING_DOWN, CONNECTIONS_EXHAUSTED */
  function admit(account: Account, closed: Promise<void>): void {
    if (state === 'leaving') throw shuttingDown();
    const bill = account.takeAll(CONNECTION_COSTS);
    if (bill === null) throw new RexaError('CONNECTIONS_EXHAUSTED', [account.mostOf('connections')]);
    void closed.then(bill.giveBack);
  }

  async function serveLink(link: Link, principal: Principal): Promise<void> {
    principals.set(link, principal);
    let count = 0;
    for (let channel = await link.nextChannel(); channel !== null; channel = await link.nextChannel()) {
      void serveChannel(channel, principals.get(link) ?? principal);
      // A thousand that came at once are not all looked at before anybody else is
      if (++count % CHANNELS_PER_TURN === 0) await nextTurn();
    }
    const end = await link.ended;
    if (end.kind === 'failed')
      log.warn('a peer broke the protocol', { ...describePrincipal(principal), error: end.error.message });
  }

  function shuttingDown(): RexaError {
    return new RexaError('SHUTTING_DOWN', [Math.max(1, Math.ceil((drainedAtMs - performance.now()) / 1000))]);
  }

  /** @throws RexaError SHUTTING_DOWN, SERVICE_UNKNOWN */
  function findService(channel: LinkChannel): Service {
    const name = channel.request['service'];
    const service = typeof name === 'string' ? services.get(name) : undefined;
    if (state === 'leaving' || (state === 'draining' && service === runs)) throw shuttingDown();
    if (service) return service;
    throw new RexaError('SERVICE_UNKNOWN', [String(name), [...services.keys()].join(', ')]);
  }

  /** @throws RexaError SHUTTING_DOWN, SERVICE_UNKNOWN, LOGIN_EXPIRED, NOT_PERMITTED */
  function findPermitted(channel: LinkChannel, principal: Principal): Service {
    const service = findService(channel);
    authorizeService(principal, service.name, Date.now() / 1000);
    return service;
  }

  /** @throws RexaError as findPermitted, QUOTA_EXHAUSTED, and as the service that is asked for */
  function openCall(channel: LinkChannel, principal: Principal, account: Account): Call {
    const bill = account.takeAll({ channels: 1 });
    if (bill === null) throw new RexaError('QUOTA_EXHAUSTED', [account.mostOf('channels'), 'open channels']);
    void channel.ended.then(bill.giveBack);
    return findPermitted(channel, principal).open(channel, principal);
  }

  async function serveCall(call: Call, channel: LinkChannel, account: Account): Promise<void> {
    const unwanted = Promise.race([channel.ended, call.withdrawn ?? channel.ended]);
    const turn = await account.awaitTurn(call.costs, unwanted, call.reportWaiting);
    if (turn === null) throw new RexaError('CANCELED', [' before it was started']);
    try {
      await call.serve({
        ...turn,
        started() {
          turn.started();
          channel.releaseRequest();
        },
      });
    } finally {
      turn.over();
    }
  }

  async function serveChannel(channel: LinkChannel, principal: Principal): Promise<void> {
    const account = ledger.account(principal);
    channels.add(channel);
    void channel.ended.then(() => channels.delete(channel));
    try {
      const call = auditRefusal(audit, principal, () => openCall(channel, principal, account));
      await serveCall(call, channel, account);
    } catch (error) {
      const told = describe(error);
      log.info('a request was refused', {
        ...describePrincipal(principal),
        code: told.code,
        reason: told.message,
      });
      channel.abort({ error: told });
    }
  }

  function describe(error: unknown): { code: string; message: string; errno?: string } {
    if (error instanceof RexaError) {
      const errno = errnoOf(error);
      return { code: error.code, message: error.message, ...(errno === null ? {} : { errno }) };
    }
    log.error('a request failed inside the daemon', {
      error: error instanceof Error ? error.stack : String(error),
    });
    return describe(new RexaError('INTERNAL', ["the daemon's log says more"]));
  }

  /** Ends all commands; then their last words get a moment to leave. */
  async function endRuns(): Promise<void> {
    await runs.cancelAll();
    await Promise.race([runs.whenIdle(), sleep(LAST_WORDS_MS, undefined, { ref: false })]);
  }

  /** Nobody is waited for any longer: one that is stuck in the kernel, or has yet to be spawned, is left. */
  async function killRuns(): Promise<void> {
    void runs.cancelAll();
    runs.killAll();
    await sleep(SURVIVOR_WAIT_MS + LAST_WORDS_MS);
  }

  return {
    begin: registry.begin,
    serve(transport, principal, refusal) {
      const account = ledger.account(principal);
      let current = principal;
      const link: Link = keep(
        acceptLink(
          transport,
          { ...greeting, takesRelays: true },
          {
            ...linkOptions,
            intake: createAccountIntake(() => ledger.account(current)),
            identity: () => identify(current),
            handleRelayed(relay) {
              current = { ...principal, relay };
              principals.set(link, current);
              audit.note('connection relayed', current, {});
            },
            handleMoved: (to) => void principals.set(to, current),
          },
        ),
      );
      try {
        if (refusal) throw refusal;
        admit(account, link.closed);
        audit.decide('accepted', principal);
        void serveLink(link, principal);
      } catch (error) {
        const { code } = error as RexaError;
        audit.decide('refused', principal, { code });
        void link.leave(error as RexaError);
      }
    },
    serveStranger(transport, judgeStranger) {
      let admitted: { readonly principal: Principal; readonly account: Account } | null = null;
      const link: Link = keep(
        acceptLink(
          transport,
          { ...greeting, asksLogin: true },
          {
            ...linkOptions,
            intake: createAccountIntake(() => admitted?.account ?? null),
            identity: () => (admitted === null ? '' : identify(admitted.principal)),
            handleMoved(to) {
              if (admitted !== null) principals.set(to, admitted.principal);
            },
            async judge(login) {
              const verdict = await judgeStranger(login);
              if (verdict.kind === 'chosen') return verdict;
              const { principal } = verdict;
              const account = ledger.account(principal);
              try {
                admit(account, link.closed);
              } catch (error) {
                audit.decide('refused', principal, { code: (error as RexaError).code });
                throw error;
              }
              admitted = { principal, account };
              return { kind: 'admitted' };
            },
          },
        ),
      );
      void link.peer.then((peer) => {
        if (peer === null || admitted === null) return;
        const { principal } = admitted;
        audit.decide('accepted', principal, describeGrant(principal));
        void serveLink(link, principal);
      });
      return link;
    },
    get state() {
      return state;
    },
    get connectionCount() {
      return links.size;
    },
    get isBusy() {
      return links.size > 0 || runs.activeCount > 0 || runs.jobCount > 0;
    },
    async drain({ ending, endingInMs, killing }) {
      state = 'draining';
      drainedAtMs = performance.now() + endingInMs;
      ledger.close(shuttingDown());
      for (const channel of channels) channel.send({ type: 'draining', leftMs: endingInMs });
      killed = killing.then(killRuns);
      await Promise.race([runs.whenIdle(), ending.then(endRuns), killed]);
      state = 'leaving';
    },
    async leave() {
      options.releaseJobs();
      const open = [...links];
      await Promise.all(open.map((link) => link.leave()));
      await Promise.all(open.map((link) => link.closed));
      await Promise.race([runs.whenIdle(), killed]);
    },
  };
}

/** A terminal has a person before it, who may take a while; a run has a program, which does not. */
function resumeForMs(requests: Iterable<JsonObject>, error: RexaError | null): number {
  const hasTerminal = [...requests].some(({ terminal }) => terminal !== undefined);
  if (hasTerminal) return RESUME_FOR_TERMINALS_MS;
  // One that is stopped may go on; a connection that was closed says that nobody is there
  return error?.code === 'PEER_SILENT' ? RESUME_FOR_SILENT_MS : RESUME_FOR_RUNS_MS;
}
