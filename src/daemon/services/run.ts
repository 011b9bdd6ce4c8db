import type { LinkChannel } from '../../link/channel.ts';
import { conductRun, type RunPeer } from '../../process/conduct/conduct-run.ts';
import type { Runner } from '../../process/runner/runner.ts';
import { INTERACTIVE_BUFFER_BYTES } from '../../protocol/limits.ts';
import type { Outcome } from '../../protocol/outcome.ts';
import {
  describeRefused,
  type RunRequest,
  readRunCommandMessage,
  readRunRequest,
} from '../../protocol/run-messages.ts';
import { type Audit, auditRefusal } from '../audit.ts';
import { hashRequest } from '../jobs/hash-request.ts';
import { isJob, type JobRuns } from '../jobs/job-runs.ts';
import { ownerOf } from '../jobs/owner.ts';
import { allowedEnvironment, authorizeRun } from './authorize.ts';
import { bindPeer } from './bound-peer.ts';
import { type CommandHost, prepareRun } from './prepare-run.ts';
import type { Principal } from './principal.ts';
import { createRunMemory } from './run-memory.ts';
import type { Service } from './service.ts';
import { settleRequest } from './settle-request.ts';

/** What the service needs of its daemon. */
export interface RunServiceOptions {
  readonly runner: Runner;
  readonly audit: Audit;
  readonly host: CommandHost;
  readonly jobs: JobRuns;
}

/** The service `run`, and the runs that are under way, whoever asked for them. */
export interface RunService extends Service {
  /**
   * Runs one command to its outcome, and audits it.
   * @throws RexaError of reaction `channel`: nothing of it was run
   */
  run(request: RunRequest, peer: RunPeer, principal: Principal): Promise<Outcome>;
  readonly activeCount: number;
  /** Jobs of which this daemon still waits for the end, with or without a client. */
  readonly jobCount: number;
  /**
   * Ends every tree; their outcomes are told as `canceled`. Resolves when no command runs any more, although bytes of
   * theirs may still wait for a reader.
   */
  cancelAll(): Promise<void>;
  /** Resolves when no run is under way. */
  whenIdle(): Promise<void>;
}

/** A run that is under way: what cancels it, the end of its processes, and the end of all of it. */
interface ActiveRun {
  readonly cancel: () => void;
  readonly ended: Promise<void>;
  readonly over: Promise<void>;
}

const defer = (): PromiseWithResolvers<void> => Promise.withResolvers<void>();

/** The service `run`; docs/protocol.md, 6. */
export function createRunService({ runner, audit, host, jobs }: RunServiceOptions): RunService {
  const active = new Set<ActiveRun>();
  const memory = createRunMemory();
  let jobCount = 0;

  async function run(request: RunRequest, peer: RunPeer, principal: Principal): Promise<Outcome> {
    const line = audit.openRun(request, principal);
    const requestedMs = performance.now();
    const canceled = Promise.withResolvers<string>();
    const [ended, over] = [defer(), defer()];
    const cancel = (): void => canceled.resolve(': the daemon is shutting down');
    const entry = { cancel, ended: ended.promise, over: over.promise };
    active.add(entry);
    try {
      const rights = authorizeRun(principal, request, Date.now() / 1000);
      const offered = allowedEnvironment(principal, request.offeredEnv ?? {});
      const prepared = await prepareRun(settleRequest(request, rights, offered), rights, host);
      const running = await runner.start(prepared.start);
      const started = { request, requestedMs, prepared, running };
      const outcome = await conductRun(
        { ...started, canceled: canceled.promise, handleEnded: ended.resolve },
        rights.forcedCommand === null ? peer : bindPeer(peer),
      );
      line.close(outcome);
      return outcome;
    } catch (error) {
      line.refuse(error);
      throw error;
    } finally {
      active.delete(entry);
      ended.resolve();
      over.resolve();
    }
  }

  /** A job is the keeper's: what is under way here is its client, who is not waited for when the daemon leaves. */
  async function serveJob(request: RunRequest, channel: LinkChannel, principal: Principal): Promise<void> {
    const line = audit.openRun(request, principal);
    const released = defer();
    const over = defer();
    const entry = { cancel: released.resolve, ended: released.promise, over: over.promise };
    active.add(entry);
    jobCount++;
    const leave = (): void => {
      active.delete(entry);
      released.resolve();
      over.resolve();
    };
    try {
      const rights = authorizeRun(principal, request, Date.now() / 1000);
      const offered = allowedEnvironment(principal, request.offeredEnv ?? {});
      const settled = settleRequest(request, rights, offered);
      const client = { owner: ownerOf(principal), channel, released: released.promise };
      const job = await jobs.start({ request, settled, rights }, client);
      void job.attached.then(leave);
      const outcome = await job.outcome;
      if (outcome) line.close(outcome);
    } catch (error) {
      line.refuse(error);
      throw error;
    } finally {
      jobCount--;
      leave();
    }
  }

  async function whenIdle(): Promise<void> {
    await Promise.all([...active].map(({ over }) => over));
  }

  return {
    name: 'run',
    run,
    async serve(channel, principal) {
      const request = auditRefusal(audit, principal, () => readRunRequest(channel.request));
      if (isJob(request)) return serveJob(request, channel, principal);
      const asked = { owner: ownerOf(principal), id: request.id, hash: hashRequest(request) };
      const { outcome, repeated } = await memory.once(asked, () =>
        run(request, peerOfChannel(channel, request), principal),
      );
      channel.close({ outcome, ...(repeated ? { repeated } : {}) });
    },
    get activeCount() {
      return active.size;
    },
    get jobCount() {
      return jobCount;
    },
    async cancelAll() {
      const all = [...active];
      for (const { cancel } of all) cancel();
      await Promise.all(all.map(({ ended }) => ended));
    },
    whenIdle,
  };
}

/** The streams of docs/protocol.md, 6. */
function peerOfChannel(channel: LinkChannel, { terminal }: RunRequest): RunPeer {
  if (terminal !== undefined) channel.limitBuffers(INTERACTIVE_BUFFER_BYTES);
  return {
    stdin: () => channel.stream(0),
    stdout: channel.stream(0),
    stderr: channel.stream(1),
    tellStarted: (pid) => channel.send({ type: 'started', pid }),
    tellRefused: (error) => channel.send(describeRefused(error)),
    tellHeld: (pids) => channel.send({ type: 'held', pids: [...pids] }),
    async nextMessage() {
      const message = await channel.nextMessage();
      return message && readRunCommandMessage(message);
    },
    gone: channel.ended,
  };
}
