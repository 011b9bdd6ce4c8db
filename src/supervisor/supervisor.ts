import { attachLink } from '../link/attach-link.ts';
import type { LinkChannel } from '../link/channel.ts';
import type { Link } from '../link/link.ts';
import type { Transport } from '../link/transport.ts';
import { createBudget } from '../protocol/budget.ts';
import { RexaError } from '../protocol/errors.ts';
import {
  MAX_JOB_CHANNELS,
  MAX_JOB_CHANNELS_PER_OWNER,
  PROCESS_WINDOW_BUDGET_BYTES,
} from '../protocol/limits.ts';
import { VERSION } from '../protocol/version.ts';
import { readSupervisorRequest } from '../services/jobs/supervisor-messages.ts';
import type { Jobs } from './jobs/jobs.ts';
import type { Log } from './log.ts';
import { createOwnerPool } from './owner-pool.ts';
import { serveAttachment } from './services/attach.ts';
import { killJob } from './services/kill.ts';

/** What a supervisor calls itself in its hello: a daemon sees by it whether it is of its own version. */
const SUPERVISOR_AGENT = `rexa-supervisor/${VERSION}`;

/** Serves the daemons of this account; docs/jobs.md. */
export interface Supervisor {
  serve(transport: Transport): void;
  /** A job runs, or somebody asks for something. */
  readonly isBusy: boolean;
  /** Resolves when a daemon of another version wants the place, and no job runs. */
  readonly retired: Promise<void>;
  /** Takes no new requests, and says goaway to everybody. */
  leave(): Promise<void>;
}

export function createSupervisor(jobs: Jobs, log: Log): Supervisor {
  const links = new Set<Link>();
  const retired = Promise.withResolvers<void>();
  const budget = createBudget(PROCESS_WINDOW_BUDGET_BYTES);
  const asking = createOwnerPool(MAX_JOB_CHANNELS, MAX_JOB_CHANNELS_PER_OWNER);
  let openChannels = 0;
  let state: 'serving' | 'leaving' = 'serving';

  async function serveLink(link: Link): Promise<void> {
    for (let channel = await link.nextChannel(); channel !== null; channel = await link.nextChannel()) {
      void serveChannel(channel);
    }
  }

  async function serveChannel(channel: LinkChannel): Promise<void> {
    openChannels++;
    try {
      // Said before anything is looked at: whoever hears it may ask the next supervisor
      if (state === 'leaving') throw new RexaError('SHUTTING_DOWN', [1]);
      await answer(channel);
    } catch (error) {
      channel.abort({ error: describe(error) });
    }
    await channel.ended;
    openChannels--;
  }

  function describe(error: unknown): { code: string; message: string } {
    if (error instanceof RexaError) return { code: error.code, message: error.message };
    log('a request failed inside the supervisor', {
      error: error instanceof Error ? error.stack : String(error),
    });
    return describe(new RexaError('INTERNAL', ["the supervisor's log says more"]));
  }

  /** @throws RexaError QUOTA_EXHAUSTED */
  function charge(channel: LinkChannel, owner: string): void {
    const giveBack = asking.take(owner);
    if (giveBack === null)
      throw new RexaError('QUOTA_EXHAUSTED', [asking.heldBy(owner), 'requests about jobs open']);
    void channel.ended.then(giveBack);
  }

  async function answer(channel: LinkChannel): Promise<void> {
    const request = readSupervisorRequest(channel.request);
    if ('principal' in request) charge(channel, request.principal);
    switch (request.service) {
      case 'start': {
        const found = await jobs.start(request);
        const attachment = {
          mode: 'client',
          output: true,
          follow: true,
          stdin: 'start',
          sinceMs: 0,
        } as const;
        return serveAttachment(channel, found, { ...attachment, repeated: found.repeated }, jobs);
      }
      case 'attach': {
        const { principal, id, mode, output, follow, agoMs, sinceMs } = request;
        const stdin = request.stdin ? 'now' : null;
        const attachment = {
          mode,
          output,
          follow,
          stdin,
          repeated: false,
          sinceMs: sinceMs ?? (agoMs === undefined ? 0 : Math.max(1, Date.now() - agoMs)),
        } as const;
        return serveAttachment(channel, jobs.find(principal, id), attachment, jobs);
      }
      case 'jobs':
        return channel.close({ jobs: jobs.list(request.principal) });
      case 'kill':
        return channel.close({
          job: await killJob(jobs.find(request.principal, request.id), request.signal, jobs),
        });
      case 'prune':
        return channel.close({
          pruned: jobs.prune(request.principal, request.ids, Date.now() - request.olderMs),
        });
      case 'retire':
        if (jobs.liveCount === 0) retired.resolve();
        return channel.close({ leaving: jobs.liveCount === 0 });
      default:
        return request satisfies never;
    }
  }

  return {
    serve(transport) {
      const link = attachLink(
        transport,
        { role: 'daemon', agent: SUPERVISOR_AGENT, encoding: 'binary' },
        { processBudget: budget },
      );
      links.add(link);
      void link.closed.then(() => links.delete(link));
      void serveLink(link);
    },
    get isBusy() {
      return jobs.liveCount > 0 || openChannels > 0;
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
