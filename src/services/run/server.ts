import { ownerOf } from '../../auth/owner.ts';
import type { Principal } from '../../auth/principal.ts';
import { allowanceOf } from '../../daemon/accounts/allowance.ts';
import { ASK_COSTS, type Ledger, RUN_COSTS, type Turn } from '../../daemon/accounts/ledger.ts';
import type { Audit } from '../../daemon/audit/audit.ts';
import type { LinkChannel } from '../../link/channel.ts';
import { conductRun, type RunPeer } from '../../process/conduct/conduct-run.ts';
import type { Runner } from '../../process/runner/runner.ts';
import { RexaError } from '../../protocol/errors.ts';
import { DEFAULT_KILL_AFTER_MS, INTERACTIVE_BUFFER_BYTES } from '../../protocol/limits.ts';
import type { Outcome } from '../../protocol/outcome.ts';
import { isJob, type JobRuns } from '../jobs/job-runs.ts';
import type { Call, Service } from '../service.ts';
import { allowedEnvironment, authorizeRun } from './authorize.ts';
import { bindPeer } from './bound-peer.ts';
import { hashRequest } from './hash-request.ts';
import { describeRefused, type RunRequest, readRunRequest } from './messages.ts';
import { type CommandHost, prepareRun } from './prepare-run.ts';
import { resolveRequest } from './resolve-request.ts';
import { followRunMessages, type RunMessages } from './run-inbox.ts';
import { createRunMemory } from './run-memory.ts';

/** What the service needs of its daemon. */
export interface RunServiceOptions {
  readonly runner: Runner;
  readonly audit: Audit;
  readonly host: CommandHost;
  readonly jobs: JobRuns;
  readonly ledger: Ledger;
}

/** The service `run`, and the runs that are under way, whoever asked for them. */
export interface RunService extends Service {
  /**
   * Runs one command to its outcome, once its turn has come, and audits it.
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
  /** Kills every tree that is being ended, whatever time its request gives it. */
  killAll(): void;
  /** Resolves when no run is under way. */
  whenIdle(): Promise<void>;
}

/** A run that is under way: what cancels it, what kills it, the end of its processes, and the end of all of it. */
interface ActiveRun {
  readonly cancel: () => void;
  readonly kill: () => void;
  readonly ended: Promise<void>;
  readonly over: Promise<void>;
}

const defer = (): PromiseWithResolvers<void> => Promise.withResolvers<void>();

/** The service `run`; docs/protocol.md, 6. */
export function createRunService({ runner, audit, host, jobs, ledger }: RunServiceOptions): RunService {
  const active = new Set<ActiveRun>();
  const memory = createRunMemory();
  let jobCount = 0;

  async function run(asked: RunRequest, peer: RunPeer, principal: Principal, turn: Turn): Promise<Outcome> {
    const request = limitPatience(asked, principal);
    const line = audit.openRun(request, principal);
    const requestedMs = performance.now();
    const canceled = Promise.withResolvers<string>();
    const [killed, ended, over] = [defer(), defer(), defer()];
    const cancel = (): void => canceled.resolve(': the daemon is shutting down');
    const entry = { cancel, kill: killed.resolve, ended: ended.promise, over: over.promise };
    active.add(entry);
    try {
      const rights = authorizeRun(principal, request, Date.now() / 1000);
      const offered = allowedEnvironment(principal, request.offeredEnv ?? {});
      const prepared = await prepareRun(resolveRequest(request, rights, offered), rights, host);
      const running = await runner.start({ ...prepared.start, runId: line.start(null) });
      line.setPid(running.pid);
      turn.started();
      const started = { request, requestedMs, prepared, running };
      const outcome = await conductRun(
        { ...started, canceled: canceled.promise, killed: killed.promise, handleEnded: ended.resolve },
        rights.forcedCommand === null ? peer : bindPeer(peer),
      );
      line.close(outcome);
      return outcome;
    } catch (error) {
      line.refuse(error);
      throw error;
    } finally {
      turn.over();
      active.delete(entry);
      ended.resolve();
      over.resolve();
    }
  }

  /** A job is the supervisor's: what is under way here is its client, who is not waited for when the daemon leaves. */
  async function serveJob(
    asked: RunRequest,
    channel: LinkChannel,
    principal: Principal,
    turn: Turn,
  ): Promise<void> {
    const request = limitPatience(asked, principal);
    const line = audit.openRun(request, principal);
    const released = defer();
    const over = defer();
    const entry = {
      cancel: released.resolve,
      kill: released.resolve,
      ended: released.promise,
      over: over.promise,
    };
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
      const settled = resolveRequest(request, rights, offered);
      const client = { owner: ownerOf(principal), channel, released: released.promise };
      line.start({ owner: client.owner, id: request.id });
      const job = await jobs.start({ request, settled, rights }, client);
      turn.started();
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

  function openRun(request: RunRequest, channel: LinkChannel, principal: Principal): Call {
    const messages = followRunMessages(channel);
    return {
      costs: RUN_COSTS,
      withdrawn: messages.withdrawn,
      reportWaiting: (running) => channel.send({ type: 'waiting', running }),
      async serve(turn) {
        messages.begin();
        const most = allowanceOf(principal).rememberedRuns;
        const asked = { owner: ownerOf(principal), id: request.id, hash: hashRequest(request), most };
        let isNew = false;
        const told = memory.once(asked, () => {
          isNew = true;
          return run(request, peerOfChannel(channel, request, messages), principal, turn);
        });
        // Nothing is run for it: it waits for another call's command
        if (!isNew) turn.over();
        const { outcome, repeated } = await told;
        channel.close({ outcome, ...(repeated ? { repeated } : {}) });
      },
    };
  }

  return {
    name: 'run',
    async run(request, peer, principal) {
      const turn = await ledger.account(principal).awaitTurn(RUN_COSTS, peer.gone);
      if (turn === null) throw new RexaError('CANCELED', [' before it was started: its client is gone']);
      return run(request, peer, principal, turn);
    },
    open(channel, principal) {
      const request = readRunRequest(channel.request);
      if (!isJob(request)) return openRun(request, channel, principal);
      return { costs: ASK_COSTS, serve: (turn) => serveJob(request, channel, principal, turn) };
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
    killAll() {
      for (const { kill } of active) kill();
    },
    whenIdle,
  };
}

/** A longer grace than this principal may have is cut. */
function limitPatience(request: RunRequest, principal: Principal): RunRequest {
  const { killAfterMs } = allowanceOf(principal);
  return { ...request, killAfterMs: Math.min(request.killAfterMs ?? DEFAULT_KILL_AFTER_MS, killAfterMs) };
}

/** The streams of docs/protocol.md, 6. */
function peerOfChannel(
  channel: LinkChannel,
  { terminal, reportExit = false }: RunRequest,
  messages: RunMessages,
): RunPeer {
  if (terminal !== undefined) channel.limitBuffers(INTERACTIVE_BUFFER_BYTES);
  return {
    stdin: () => channel.input(0),
    stdout: channel.output(0),
    stderr: channel.output(1),
    reportStarted: (pid) => channel.send({ type: 'started', pid }),
    reportRefused: (error) => channel.send(describeRefused(error)),
    descriptor: (number) => ({ input: channel.input(number), output: channel.output(number) }),
    ...(reportExit ? { reportExited: (ending) => channel.send({ type: 'exited', ...ending }) } : {}),
    reportHeld: (pids) => channel.send({ type: 'held', pids: [...pids] }),
    nextMessage: messages.next,
    gone: channel.ended,
  };
}
