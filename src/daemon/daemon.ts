import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { acceptLink } from '../link/accepted-link.ts';
import type { LinkChannel } from '../link/channel.ts';
import type { Link } from '../link/link.ts';
import type { LinkBody } from '../link/link-body.ts';
import { createLinkRegistry } from '../link/link-registry.ts';
import { createPayloadHolders } from '../link/payload-holders.ts';
import { recycleBytes } from '../process/runner/chunk-memory.ts';
import { createBudget } from '../protocol/budget.ts';
import type { JsonObject } from '../protocol/control.ts';
import { RexaError } from '../protocol/errors.ts';
import {
  LAST_WORDS_MS,
  MAX_CONNECTIONS,
  MAX_CONNECTIONS_PER_KEY,
  PROCESS_KEPT_BUDGET_BYTES,
  PROCESS_WINDOW_BUDGET_BYTES,
  RESUME_FOR_RUNS_MS,
  RESUME_FOR_TERMINALS_MS,
} from '../protocol/limits.ts';
import type { Login, Verdict } from '../protocol/login.ts';
import { type Audit, auditRefusal } from './audit.ts';
import { ownerOf } from './jobs/owner.ts';
import type { Log } from './log.ts';
import { authorizeService } from './services/authorize.ts';
import { describeGrant, describePrincipal, identify, type Principal } from './services/principal.ts';
import type { RunService } from './services/run.ts';
import type { Service } from './services/service.ts';

export interface DaemonOptions {
  readonly agent: string;
  /** What `host` means in a request. */
  readonly hostEncoding: string;
  readonly log: Log;
  readonly audit: Audit;
  readonly runs: RunService;
  /** How long a link waits for another connection; null: as what is under way on it needs. */
  readonly resumeForMs: number | null;
  /** What else it does for its clients. */
  readonly services: readonly Service[];
  /** Called before the links end, so that jobs don't take it for their clients' goodbye. */
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
  serve(socket: Socket, principal: Principal, refusal: RexaError | null): void;
  /**
   * Takes a connection whose client has yet to say who it is.
   * @param judge as `LinkOptions.judge`, and whom it lets in
   */
  serveStranger(socket: Socket, judge: StrangerJudge): Link;
  /** Somebody is connected, or a command runs. */
  readonly isBusy: boolean;
  /**
   * Takes no new work, lets runs end by themselves until `deadline` resolves, ends the rest, says goodbye to everybody.
   * A client that does not take its output is not waited for: its run is lost to it.
   */
  shutDown(deadline: Promise<unknown>): Promise<void>;
}

export function createDaemon(options: DaemonOptions): Daemon {
  const { log, audit, runs } = options;
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
  let state: 'serving' | 'draining' = 'serving';

  const greeting = { role: 'daemon', agent: options.agent, encoding: options.hostEncoding } as const;
  const linkOptions = {
    processBudget,
    keptBudget,
    holder,
    registry,
    resumeForMs: (body: LinkBody) => options.resumeForMs ?? resumeForMs(body.requests()),
  };

  function keep(link: Link): Link {
    links.add(link);
    void link.closed.then(() => links.delete(link));
    return link;
  }

  function judge(refusal: RexaError | null): RexaError | null {
    if (refusal) return refusal;
    if (state === 'draining') return new RexaError('SHUTTING_DOWN');
    return links.size > MAX_CONNECTIONS ? new RexaError('CONNECTIONS_EXHAUSTED', [MAX_CONNECTIONS]) : null;
  }

  /** One key can't keep out all others, nor the user himself. */
  function judgeCrowd(principal: Principal): RexaError | null {
    const owner = ownerOf(principal);
    const isTheirs = (link: Link): boolean => {
      const other = principals.get(link);
      return other !== undefined && ownerOf(other) === owner;
    };
    return [...links].filter(isTheirs).length < MAX_CONNECTIONS_PER_KEY
      ? null
      : new RexaError('CONNECTIONS_EXHAUSTED', [MAX_CONNECTIONS_PER_KEY]);
  }

  async function serveLink(link: Link, principal: Principal): Promise<void> {
    principals.set(link, principal);
    for (let channel = await link.nextChannel(); channel !== null; channel = await link.nextChannel()) {
      void serveChannel(channel, principals.get(link) ?? principal);
    }
    const end = await link.ended;
    if (end.kind === 'failed')
      log.warn('a peer broke the protocol', { ...describePrincipal(principal), error: end.error.message });
  }

  /** @throws RexaError SHUTTING_DOWN, SERVICE_UNKNOWN */
  function findService(channel: LinkChannel): Service {
    if (state === 'draining') throw new RexaError('SHUTTING_DOWN');
    const name = channel.request['service'];
    const service = typeof name === 'string' ? services.get(name) : undefined;
    if (service) return service;
    throw new RexaError('SERVICE_UNKNOWN', [String(name), [...services.keys()].join(', ')]);
  }

  /** @throws RexaError SHUTTING_DOWN, SERVICE_UNKNOWN, LOGIN_EXPIRED, NOT_PERMITTED */
  function findPermitted(channel: LinkChannel, principal: Principal): Service {
    const service = findService(channel);
    authorizeService(principal, service.name, Date.now() / 1000);
    return service;
  }

  async function serveChannel(channel: LinkChannel, principal: Principal): Promise<void> {
    try {
      await auditRefusal(audit, principal, () => findPermitted(channel, principal)).serve(channel, principal);
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

  function describe(error: unknown): { code: string; message: string } {
    if (error instanceof RexaError) return { code: error.code, message: error.message };
    log.error('a request failed inside the daemon', {
      error: error instanceof Error ? error.stack : String(error),
    });
    return describe(new RexaError('INTERNAL', ["the daemon's log says more"]));
  }

  /** Ends all commands; then their last words get a moment to leave. */
  async function endRuns(): Promise<void> {
    await runs.cancelAll();
    await Promise.race([runs.whenIdle(), sleep(LAST_WORDS_MS)]);
  }

  return {
    begin: registry.begin,
    serve(socket, principal, refusal) {
      const link = keep(
        acceptLink(socket, greeting, {
          ...linkOptions,
          identity: () => identify(principal),
          handleMoved: (to) => void principals.set(to, principal),
        }),
      );
      const error = judge(refusal);
      audit.decide(error ? 'refused' : 'accepted', principal, error ? { code: error.code } : {});
      if (error) void link.leave(error);
      else void serveLink(link, principal);
    },
    serveStranger(socket, judgeStranger) {
      let admitted: Principal | null = null;
      const link = keep(
        acceptLink(
          socket,
          { ...greeting, asksLogin: true },
          {
            ...linkOptions,
            identity: () => (admitted === null ? '' : identify(admitted)),
            handleMoved(to) {
              if (admitted !== null) principals.set(to, admitted);
            },
            async judge(login) {
              const verdict = await judgeStranger(login);
              if (verdict.kind === 'chosen') return verdict;
              const error = judge(judgeCrowd(verdict.principal));
              if (error) {
                audit.decide('refused', verdict.principal, { code: error.code });
                throw error;
              }
              admitted = verdict.principal;
              return { kind: 'admitted' };
            },
          },
        ),
      );
      void link.peer.then((peer) => {
        if (peer === null || admitted === null) return;
        audit.decide('accepted', admitted, describeGrant(admitted));
        void serveLink(link, admitted);
      });
      return link;
    },
    get isBusy() {
      return links.size > 0 || runs.activeCount > 0 || runs.jobCount > 0;
    },
    async shutDown(deadline) {
      state = 'draining';
      await Promise.race([runs.whenIdle(), deadline.then(endRuns)]);
      options.releaseJobs();
      const open = [...links];
      await Promise.all(open.map((link) => link.leave()));
      await Promise.all(open.map((link) => link.closed));
      await runs.whenIdle();
    },
  };
}

/** A terminal has a person before it, who may take a while; a run has a program, which does not. */
function resumeForMs(requests: Iterable<JsonObject>): number {
  const hasTerminal = [...requests].some(({ terminal }) => terminal !== undefined);
  return hasTerminal ? RESUME_FOR_TERMINALS_MS : RESUME_FOR_RUNS_MS;
}
