import { attachLink } from '../link/attach-link.ts';
import type { Link } from '../link/link.ts';
import type { Transport } from '../link/transport.ts';
import { createBudget } from '../protocol/budget.ts';
import { RexaError } from '../protocol/errors.ts';
import { PROCESS_WINDOW_BUDGET_BYTES } from '../protocol/limits.ts';
import { VERSION } from '../protocol/version.ts';
import { createDispatcher } from '../services/dispatcher.ts';
import type { Jobs } from './jobs/jobs.ts';
import { MAX_JOB_CHANNELS, MAX_JOB_CHANNELS_PER_OWNER } from './limits.ts';
import type { Log } from './log.ts';
import { createOwnerPool } from './owner-pool.ts';
import { createSupervisorServices, type Owner } from './services/registry.ts';
import type { Sessions } from './sessions/sessions.ts';
import type { Terminals } from './terminals/terminals.ts';

/** What a supervisor calls itself in its hello: a daemon sees by it whether it is of its own version. */
const SUPERVISOR_AGENT = `rexa-supervisor/${VERSION}`;

/** Serves the daemons of this account; docs/jobs.md. */
export interface Supervisor {
  serve(transport: Transport): void;
  /** A job or a session runs, or somebody asks for something. */
  readonly isBusy: boolean;
  /** Resolves when a daemon of another version wants the place, and no job or session runs. */
  readonly retired: Promise<void>;
  /** Takes no new requests, and says goaway to everybody. */
  leave(): Promise<void>;
}

export function createSupervisor(jobs: Jobs, sessions: Sessions, terminals: Terminals, log: Log): Supervisor {
  const links = new Set<Link>();
  const retired = Promise.withResolvers<void>();
  const budget = createBudget(PROCESS_WINDOW_BUDGET_BYTES);
  const asking = createOwnerPool(MAX_JOB_CHANNELS, MAX_JOB_CHANNELS_PER_OWNER);
  let state: 'serving' | 'leaving' = 'serving';
  const dispatcher = createDispatcher<Owner>({
    services: createSupervisorServices(jobs, sessions, terminals, retired.resolve),
    admit() {
      // Sent before any request is read: the client may then ask the next supervisor
      if (state === 'leaving') throw new RexaError('SHUTTING_DOWN', [1]);
    },
    async awaitTurn({ channel, principal: owner }) {
      const giveBack = owner === '' ? giveNothing : asking.take(owner);
      if (giveBack === null)
        throw new RexaError('QUOTA_EXHAUSTED', [asking.heldBy(owner), 'requests about jobs open']);
      void channel.ended.then(giveBack);
      return { started: giveNothing, over: giveNothing };
    },
    handleMistake(error) {
      log('a request failed inside the supervisor', {
        error: error instanceof Error ? error.stack : String(error),
      });
      return new RexaError('INTERNAL', ["the supervisor's log says more"]);
    },
  });

  return {
    serve(transport) {
      const link = attachLink(
        transport,
        { role: 'daemon', agent: SUPERVISOR_AGENT, encoding: 'binary' },
        { processBudget: budget },
      );
      links.add(link);
      void link.closed.then(() => links.delete(link));
      void dispatcher.serveLink(link, (channel) => ({ channel, principal: ownerOf(channel.request) }));
    },
    get isBusy() {
      const isWorking = [jobs, sessions, terminals].some(({ liveCount }) => liveCount > 0);
      return isWorking || dispatcher.open.size > 0;
    },
    retired: retired.promise,
    async leave() {
      state = 'leaving';
      const open = [...links];
      await Promise.all(open.map((link) => link.leave()));
      await Promise.all(open.map((link) => link.closed));
    },
  };
}

function ownerOf({ principal }: { readonly principal?: unknown }): Owner {
  return typeof principal === 'string' ? principal : '';
}

/** What costs nothing gives nothing back. */
function giveNothing(): void {}
