import type { LinkChannel } from '../../link/channel.ts';
import { conductRun, type RunPeer } from '../../process/conduct/conduct-run.ts';
import type { Runner } from '../../process/runner/runner.ts';
import type { Outcome } from '../../protocol/outcome.ts';
import { type RunRequest, readRunCommandMessage, readRunRequest } from '../../protocol/run-messages.ts';
import { type Audit, auditRefusal } from '../audit.ts';
import { allowedEnvironment, authorizeRun } from './authorize.ts';
import { prepareRun } from './prepare-run.ts';
import type { Principal } from './principal.ts';
import type { Service } from './service.ts';
import { settleRequest } from './settle-request.ts';

/** What the service needs of its daemon. */
export interface RunServiceOptions {
  readonly runner: Runner;
  readonly audit: Audit;
  /** The name of the encoding that `host` means. */
  readonly hostEncoding: string;
}

/** The service `run`, and the runs that are under way, whoever asked for them. */
export interface RunService extends Service {
  /**
   * Runs one command to its outcome, and audits it.
   * @throws RexaError of reaction `channel`: nothing of it was run
   */
  run(request: RunRequest, peer: RunPeer, principal: Principal): Promise<Outcome>;
  readonly activeCount: number;
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
export function createRunService({ runner, audit, hostEncoding }: RunServiceOptions): RunService {
  const active = new Set<ActiveRun>();

  async function run(request: RunRequest, peer: RunPeer, principal: Principal): Promise<Outcome> {
    const line = audit.openRun(request, principal);
    const requestedMs = performance.now();
    const [canceled, ended, over] = [defer(), defer(), defer()];
    const entry = { cancel: canceled.resolve, ended: ended.promise, over: over.promise };
    active.add(entry);
    try {
      const rights = authorizeRun(principal, request, Date.now() / 1000);
      const offered = allowedEnvironment(principal, request.offeredEnv ?? {});
      const prepared = await prepareRun(settleRequest(request, rights, offered), rights, hostEncoding);
      const running = await runner.start(prepared.start);
      const started = { request, requestedMs, prepared, running };
      const outcome = await conductRun(
        { ...started, canceled: canceled.promise, handleEnded: ended.resolve },
        peer,
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

  async function whenIdle(): Promise<void> {
    await Promise.all([...active].map(({ over }) => over));
  }

  return {
    name: 'run',
    run,
    async serve(channel, principal) {
      const request = auditRefusal(audit, principal, () => readRunRequest(channel.request));
      const outcome = await run(request, peerOfChannel(channel), principal);
      channel.close({ outcome });
    },
    get activeCount() {
      return active.size;
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
function peerOfChannel(channel: LinkChannel): RunPeer {
  return {
    stdin: () => channel.stream(0),
    stdout: channel.stream(0),
    stderr: channel.stream(1),
    tellStarted: (pid) => channel.send({ type: 'started', pid }),
    async nextMessage() {
      const message = await channel.nextMessage();
      return message && readRunCommandMessage(message);
    },
    gone: channel.ended,
  };
}
