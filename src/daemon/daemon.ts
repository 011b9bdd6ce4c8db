import { setTimeout as sleep } from 'node:timers/promises';
import type { Authentication, AuthenticationStep } from '../auth/authenticator.ts';
import {
  describeGrant,
  describePrincipal,
  identify,
  type Principal,
  relayedPrincipal,
} from '../auth/principal.ts';
import { acceptLink } from '../link/accepted-link.ts';
import type { Link } from '../link/link.ts';
import type { LinkBody } from '../link/link-body.ts';
import { createLinkRegistry } from '../link/link-registry.ts';
import { SLAB_HOLDER } from '../link/payload-holders.ts';
import type { Transport } from '../link/transport.ts';
import { createBudget } from '../protocol/budget.ts';
import { RexaError } from '../protocol/errors.ts';
import { LAST_WORDS_MS, PROCESS_WINDOW_BUDGET_BYTES, SURVIVOR_WAIT_MS } from '../protocol/limits.ts';
import type { Verdict } from '../protocol/login.ts';
import type { Log } from '../runtime/log.ts';
import { describeError } from '../services/audit-lines.ts';
import type { Call, ShownHostKeys } from '../services/call.ts';
import { createDispatcher } from '../services/dispatcher.ts';
import { checkRights } from '../services/rights.ts';
import { PROGRAM_PATIENCE, type Service, type Work } from '../services/service.ts';
import { createAccountIntake } from './accounts/account-intake.ts';
import { type Account, CONNECTION_COSTS, type Ledger } from './accounts/ledger.ts';
import type { Audit } from './audit/audit.ts';
import { PROCESS_KEPT_BUDGET_BYTES } from './limits.ts';
import { watchPeerProcess } from './listen/watch-peer.ts';

export interface DaemonOptions {
  readonly agent: string;
  /** What `host` means in a request. */
  readonly hostEncoding: string;
  readonly log: Log;
  readonly audit: Audit;
  /** What each principal has taken of what is shared. */
  readonly ledger: Ledger;
  /** How long a link waits for another connection; null: as what is under way on it needs. */
  readonly resumeForMs: number | null;
  /** What it does for its clients. */
  readonly services: readonly Service[];
  /** What of that is under way. */
  readonly work: Work;
  /** Called before the links end, so that jobs don't take it for their clients' goaway. */
  readonly releaseJobs: () => void;
}

/** Serves connections, wherever they were accepted. */
export interface Daemon {
  /** Its listeners are there: no other daemon takes connections in their places any more. */
  begin(): void;
  /** Serves a call that comes over no link. Never rejects. */
  serveCall(call: Call): Promise<void>;
  /** Takes a connection whose peer is to be authenticated. */
  serve(transport: Transport, authentication: Authentication, around?: AroundConnection): Link;
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

/** What belongs to a connection beside its transport. */
interface AroundConnection {
  /** Told of each step of the authentication, before the client is. */
  readonly handleStep?: (step: AuthenticationStep) => void;
  /** The keys of this host. */
  readonly hostKeys?: ShownHostKeys;
}

/** The authenticated client of a connection. */
interface Guest {
  readonly principal: Principal;
  readonly account: Account;
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
  const { log, audit, work, ledger } = options;
  const processBudget = createBudget(PROCESS_WINDOW_BUDGET_BYTES);
  const keptBudget = createBudget(PROCESS_KEPT_BUDGET_BYTES);
  const links = new Set<Link>();
  /** Who is at the other end of each link: of the last connection that carries it. */
  const principals = new WeakMap<Link, Principal>();
  /** The keys of this host, as that connection proves them. */
  const hostKeysOf = new WeakMap<Link, ShownHostKeys>();
  const registry = createLinkRegistry(({ body, id }) =>
    body.giveUp(new RexaError('LINK_UNKNOWN', [id, 'its client has not come back'])),
  );
  let state: 'serving' | 'draining' | 'leaving' = 'serving';
  let drainedAtMs = 0;
  /** Once a drain has begun: what is left of the commands has been killed. */
  let killed: Promise<unknown> = new Promise(() => undefined);

  const greeting = { role: 'daemon', agent: options.agent, encoding: options.hostEncoding } as const;
  const linkOptions = {
    processBudget,
    keptBudget,
    holder: SLAB_HOLDER,
    registry,
    resumeForMs: (body: LinkBody, error: RexaError | null) => options.resumeForMs ?? resumeForMs(body, error),
  };

  const dispatcher = createDispatcher<Principal>({
    services: options.services,
    admit(call, service) {
      takeChannel(call);
      if (state === 'leaving' || (state === 'draining' && service?.drain === 'refuse')) throw shuttingDown();
    },
    permit: (service, principal, request) => checkRights(service, principal, request, Date.now() / 1000),
    awaitTurn: ({ principal }, costs, { withdrawn, report }) =>
      ledger.account(principal).awaitTurn(costs, withdrawn, report),
    reportRefusal(principal, error, refused) {
      if (refused === null) return audit.refuse(principal, error);
      const { service, facts } = refused;
      const who = describePrincipal(principal);
      audit.write(`${service}-refused`, { ...who, ...facts, outcome: 'refused', ...describeError(error) });
    },
    reportFailure: (principal, { code, message }) =>
      log.info('a request was refused', { ...describePrincipal(principal), code, reason: message }),
    handleMistake(error) {
      log.error('a request failed inside the daemon', {
        error: error instanceof Error ? error.stack : String(error),
      });
      return new RexaError('INTERNAL', ["the daemon's log says more"]);
    },
  });

  /** A person may take a while; of what is under way the most patient decides. */
  function resumeForMs(body: LinkBody, error: RexaError | null): number {
    const how = error?.code === 'PEER_SILENT' ? 'silentMs' : 'lostMs';
    const all = [...body.channels()].map((channel) => dispatcher.patienceOf(channel) ?? PROGRAM_PATIENCE);
    return Math.max(...[PROGRAM_PATIENCE, ...all].map((patience) => patience[how]));
  }

  /** @throws RexaError QUOTA_EXHAUSTED */
  function takeChannel({ channel, principal }: Call): void {
    const account = ledger.account(principal);
    const bill = account.takeAll({ channels: 1 });
    if (bill === null) throw new RexaError('QUOTA_EXHAUSTED', [account.mostOf('channels'), 'open channels']);
    void channel.ended.then(bill.giveBack);
  }

  function keep(link: Link): Link {
    links.add(link);
    void link.closed.then(() => links.delete(link));
    return link;
  }

  /** The account is charged with the link until that is closed. @throws RexaError SHUTTING_DOWN, CONNECTIONS_EXHAUSTED */
  function admit(principal: Principal, closed: Promise<void>): Guest {
    const account = ledger.account(principal);
    try {
      if (state === 'leaving') throw shuttingDown();
      const bill = account.takeAll(CONNECTION_COSTS);
      if (bill === null) throw new RexaError('CONNECTIONS_EXHAUSTED', [account.mostOf('connections')]);
      void closed.then(bill.giveBack);
      return { principal, account };
    } catch (error) {
      audit.decide('refused', principal, { code: (error as RexaError).code });
      throw error;
    }
  }

  function serveTransport(
    transport: Transport,
    { known, hear }: Authentication,
    { handleStep = () => undefined, hostKeys }: AroundConnection,
  ): Link {
    let guest: Guest | null = null;
    const link: Link = keep(
      acceptLink(
        transport,
        {
          ...greeting,
          ...(known === null ? { asksLogin: true } : { takesRelays: true }),
          ...(hostKeys === undefined ? {} : { hostKeys: hostKeys.fingerprints }),
        },
        {
          ...linkOptions,
          intake: createAccountIntake(() => guest?.account ?? null),
          identity: () => (guest === null ? '' : identify(guest.principal)),
          peerProcess: known?.kind === 'admitted' ? watchPeerProcess(known.principal.proof) : null,
          handleRelayed(note) {
            if (guest === null) return;
            const principal = relayedPrincipal(guest.principal, note);
            guest = { principal, account: ledger.account(principal) };
            principals.set(link, principal);
            audit.note('connection relayed', principal, {});
          },
          handleMoved(to) {
            if (guest !== null) principals.set(to, guest.principal);
            if (hostKeys !== undefined) hostKeysOf.set(to, hostKeys);
          },
          judge: async (login) => follow(await hear(login)),
        },
      ),
    );

    /** @throws RexaError what the client is told */
    function follow(step: AuthenticationStep): Verdict {
      handleStep(step);
      if (step.kind === 'chosen') return step;
      if (step.kind === 'refused') {
        audit.turnAway(step.facts);
        throw step.error;
      }
      guest = admit(step.principal, link.closed);
      return { kind: 'admitted' };
    }

    function begin(): void {
      if (guest === null) return;
      const { principal } = guest;
      audit.decide('accepted', principal, describeGrant(principal));
      if (hostKeys !== undefined) hostKeysOf.set(link, hostKeys);
      void serveLink(link, principal);
    }

    if (known === null)
      void link.peer.then((peer) => {
        if (peer !== null) begin();
      });
    else
      try {
        follow(known);
        begin();
      } catch (error) {
        void link.leave(error as RexaError);
      }
    return link;
  }

  async function serveLink(link: Link, principal: Principal): Promise<void> {
    principals.set(link, principal);
    await dispatcher.serveLink(link, (channel) => ({
      channel,
      open: link.open,
      get principal() {
        return principals.get(link) ?? principal;
      },
      get hostKeys() {
        return hostKeysOf.get(link);
      },
    }));
    const end = await link.ended;
    if (end.kind === 'failed')
      log.warn('a peer broke the protocol', { ...describePrincipal(principal), error: end.error.message });
  }

  function shuttingDown(): RexaError {
    return new RexaError('SHUTTING_DOWN', [Math.max(1, Math.ceil((drainedAtMs - performance.now()) / 1000))]);
  }

  /** Ends all commands; then their last words get a moment to leave. */
  async function endRuns(): Promise<void> {
    await work.cancelAll();
    await Promise.race([work.whenIdle(), sleep(LAST_WORDS_MS, undefined, { ref: false })]);
  }

  /** Nobody is waited for any longer: one that is stuck in the kernel, or has yet to be spawned, is left. */
  async function killRuns(): Promise<void> {
    void work.cancelAll();
    work.killAll();
    await sleep(SURVIVOR_WAIT_MS + LAST_WORDS_MS);
  }

  return {
    begin: registry.begin,
    serveCall: dispatcher.serve,
    serve: (transport, authentication, around = {}) => serveTransport(transport, authentication, around),
    get state() {
      return state;
    },
    get connectionCount() {
      return links.size;
    },
    get isBusy() {
      return links.size > 0 || work.isBusy;
    },
    async drain({ ending, endingInMs, killing }) {
      state = 'draining';
      drainedAtMs = performance.now() + endingInMs;
      ledger.close(shuttingDown());
      work.stopTaking?.();
      for (const channel of dispatcher.open) channel.send({ type: 'draining', leftMs: endingInMs });
      killed = killing.then(killRuns);
      await Promise.race([work.whenIdle(), ending.then(endRuns), killed]);
      state = 'leaving';
    },
    async leave() {
      options.releaseJobs();
      const open = [...links];
      await Promise.all(open.map((link) => link.leave()));
      await Promise.all(open.map((link) => link.closed));
      await Promise.race([work.whenIdle(), killed]);
    },
  };
}
