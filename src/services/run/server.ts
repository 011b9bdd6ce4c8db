import type { Readable } from 'node:stream';
import { conductRun, type RunPeer } from '../../process/conduct/conduct-run.ts';
import { createHeldPipes } from '../../process/conduct/held-pipes.ts';
import type { Recording } from '../../process/recording/recording.ts';
import type { Runner } from '../../process/runner/runner.ts';
import { RexaError } from '../../protocol/errors.ts';
import { RESUME_FOR_TERMINALS_MS } from '../../protocol/limits.ts';
import type { Outcome } from '../../protocol/outcome.ts';
import { type AuditLines, describeError } from '../audit-lines.ts';
import type { Call, CallChannel } from '../call.ts';
import { defineService } from '../define-service.ts';
import type { AgentSocket, AgentSockets } from '../forward/agent-sockets.ts';
import { isJob, type JobRuns } from '../jobs/job-runs.ts';
import {
  DESCRIPTORS_PER_RUN,
  INTERACTIVE_BUFFER_BYTES,
  MAX_REMEMBERED_RUNS,
  MAX_REMEMBERED_RUNS_OF_BOUND_KEY,
} from '../limits.ts';
import {
  type Costs,
  type Patience,
  PROGRAM_PATIENCE,
  type Service,
  type Turn,
  type Work,
} from '../service.ts';
import { mayLast, type TerminalRun, type TerminalRuns } from '../terminals/terminal-runs.ts';
import { type AuthorizedRun, authorizeRun, RUNS_OF_BOUND } from './authorize.ts';
import { bindPeer } from './bound-peer.ts';
import { hashRequest } from './hash-request.ts';
import { followRunMessages, type RunMessages } from './inbox.ts';
import { describeAgentRefused, describeRefused, type RunRequest, runRequestSchema } from './messages.ts';
import { type CommandHost, prepareRun } from './prepare-run.ts';
import type { RecordPolicy } from './record-policy.ts';
import { endRecording, recordTerminal, withRecording } from './record-terminal.ts';
import type { RunRights } from './resolve-request.ts';
import { describeRun, openRunAudit, type RunAudit } from './run-audit.ts';
import { createRunMemory } from './run-memory.ts';
import type { RunRecords } from './run-records.ts';

/** What the service needs of its daemon. */
export interface RunServiceOptions {
  readonly runner: Runner;
  readonly audit: AuditLines;
  readonly records: RunRecords;
  readonly host: CommandHost;
  readonly jobs: JobRuns;
  readonly recording: RecordPolicy;
  /** Null: no agent is forwarded. */
  readonly agents: AgentSockets | null;
  /** Null: terminals end with this daemon. */
  readonly terminals: TerminalRuns | null;
}

/** A run that is under way: what cancels it, what kills it, the end of its processes, and the end of all of it. */
interface ActiveRun {
  readonly cancel: () => void;
  readonly kill: () => void;
  readonly ended: Promise<void>;
  readonly over: Promise<void>;
}

/** A command of this daemon. */
export const RUN_COSTS: Costs = { runs: 1, descriptors: DESCRIPTORS_PER_RUN };

/** A terminal has a person before it, who may take a while; a run has a program, which does not. */
const PERSON_PATIENCE: Patience = { lostMs: RESUME_FOR_TERMINALS_MS, silentMs: RESUME_FOR_TERMINALS_MS };

const defer = (): PromiseWithResolvers<void> => Promise.withResolvers<void>();

/** Creates the service `run`, and what shows its runs; docs/protocol.md, 6. */
export function createRunService(options: RunServiceOptions): {
  readonly service: Service;
  readonly work: Work;
} {
  const { runner, host, jobs } = options;
  const active = new Set<ActiveRun>();
  const memory = createRunMemory();
  const heldPipes = createHeldPipes();
  /** Jobs of which this daemon still waits for the end, with or without a client. */
  let jobCount = 0;
  /** Clients of terminals that are the supervisor's. */
  let terminalCount = 0;

  async function run(
    asked: AuthorizedRun,
    peer: RunPeer,
    call: Call,
    turn: Turn,
    line: RunAudit,
  ): Promise<Outcome> {
    const { request, resolved, rights } = asked;
    const requestedMs = performance.now();
    const canceled = Promise.withResolvers<string>();
    const [killed, ended, over] = [defer(), defer(), defer()];
    const cancel = (): void => canceled.resolve(': the daemon is shutting down');
    const entry = { cancel, kill: killed.resolve, ended: ended.promise, over: over.promise };
    active.add(entry);
    let agent: AgentSocket | null = null;
    let recording: Recording | null = null;
    let outcome: Outcome | null = null;
    try {
      agent = await openAgent(options, call, request);
      const prepared = await prepareRun(resolved, giveAgent(rights, agent), host);
      recording = recordTerminal(options.recording, request, JSON.stringify(request.command), (error) =>
        options.audit.note('recording-failed', call.principal, { id: request.id, reason: error.message }),
      );
      const start = { ...prepared.start, runId: line.start(null) };
      const running = await runner.start(start).catch((error: unknown) => {
        recording?.discard();
        throw error;
      });
      line.setPid(running.pid);
      turn.started();
      const keepHeld = (pipe: Readable): void => heldPipes.keep(call.principal.name, pipe);
      const started = withRecording({ request, requestedMs, prepared, running, keepHeld }, recording);
      outcome = await conductRun(
        { ...started, canceled: canceled.promise, killed: killed.promise, handleEnded: ended.resolve },
        rights.forcedCommand === null ? peer : bindPeer(peer),
      );
      line.close(outcome);
      return outcome;
    } catch (error) {
      line.refuse(error);
      throw error;
    } finally {
      endRecording(recording, outcome);
      agent?.close();
      turn.over();
      active.delete(entry);
      ended.resolve();
      over.resolve();
    }
  }

  /** Like a session, it is left to the supervisor when this daemon leaves. @returns false: it has to be run here */
  async function serveTerminal(terminals: TerminalRuns, terminal: TerminalRun): Promise<boolean> {
    const { resolved, rights, request } = terminal.asked;
    terminalCount++;
    try {
      if (request.lasting?.output !== undefined) {
        await terminals.takeUp(terminal);
        return true;
      }
      const prepared = await prepareRun(resolved, rights, host).catch((error: unknown) => {
        terminal.line.refuse(error);
        throw error;
      });
      const isOurs = prepared.start.terminal?.isUtf8 !== true || options.recording === 'always';
      return !isOurs && (await terminals.start(terminal, prepared)) === 'done';
    } finally {
      terminalCount--;
    }
  }

  async function serveRun(
    call: Call,
    asked: AuthorizedRun,
    turn: Turn,
    messages: RunMessages,
  ): Promise<void> {
    const { channel, principal } = call;
    const { terminals } = options;
    const line = openRunAudit(options, asked.request, principal);
    if (terminals !== null && mayLast(asked, principal.rights.isBound)) {
      if (await serveTerminal(terminals, { call, asked, turn, messages, line })) return;
    } else if (asked.request.lasting?.output !== undefined) {
      // It runs elsewhere, or did: not again here
      throw new RexaError('TERMINAL_LOST', [asked.request.id]);
    }
    messages.begin();
    const { id } = asked.request;
    const most = principal.rights.quota === 'bound' ? MAX_REMEMBERED_RUNS_OF_BOUND_KEY : MAX_REMEMBERED_RUNS;
    let isNew = false;
    const begin = (): Promise<Outcome> => {
      isNew = true;
      return run(asked, peerOfChannel(channel, asked.request, messages), call, turn, line);
    };
    const told = channel.isOnce
      ? begin().then((outcome) => ({ outcome, repeated: false }))
      : memory.once({ owner: principal.name, id, hash: hashRequest(asked.asked), most }, begin);
    // Nothing is run for it: it waits for another call's command
    if (!isNew) turn.over();
    const { outcome, repeated } = await told;
    channel.close({ outcome, ...(repeated ? { repeated } : {}) });
  }

  /** A job is the supervisor's: what is under way here is its client, who is not waited for when the daemon leaves. */
  async function serveJob({ channel, principal }: Call, asked: AuthorizedRun, turn: Turn): Promise<void> {
    const line = openRunAudit(options, asked.request, principal);
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
      const owner = principal.name;
      line.start({ owner, id: asked.request.id });
      const job = await jobs.start(asked, { owner, channel, released: released.promise });
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

  const service = defineService<RunRequest, AuthorizedRun, RunMessages>({
    name: 'run',
    schema: runRequestSchema,
    openToBound: RUNS_OF_BOUND,
    drain: 'refuse',
    authorize: authorizeRun,
    audit: describeRun,
    costs: (request) => (isJob(request) ? {} : RUN_COSTS),
    patience: ({ terminal }) => (terminal === undefined ? PROGRAM_PATIENCE : PERSON_PATIENCE),
    // What the client of a job says is for the job
    listen: (channel, request) => (isJob(request) ? null : followRunMessages(channel)),
    serve: (call, { request, turn, inbox }) =>
      inbox === null ? serveJob(call, request, turn) : serveRun(call, request, turn, inbox),
  });

  return {
    service,
    work: {
      get count() {
        return active.size + terminalCount;
      },
      get isBusy() {
        return active.size > 0 || jobCount > 0;
      },
      async cancelAll() {
        const all = [...active];
        for (const { cancel } of all) cancel();
        await Promise.all(all.map(({ ended }) => ended));
      },
      killAll() {
        for (const { kill } of active) kill();
      },
      async whenIdle() {
        await Promise.all([...active].map(({ over }) => over));
      },
    },
  };
}

/** Opens the socket of the client's agent, if the request has one. A command that may not have it runs without it, as with sshd. */
async function openAgent(
  { agents, audit }: Pick<RunServiceOptions, 'agents' | 'audit'>,
  call: Call,
  { id, agent: grant }: RunRequest,
): Promise<AgentSocket | null> {
  if (grant === undefined) return null;
  try {
    if (agents === null)
      throw new RexaError('FORWARD_PROHIBITED', ['a forwarded ssh-agent', 'no forwarding']);
    return await agents.open(call, { id, grant });
  } catch (error) {
    if (!(error instanceof RexaError)) throw error;
    audit.note('agent-refused', call.principal, { id, ...describeError(error) });
    call.channel.send(describeAgentRefused(error));
    return null;
  }
}

function giveAgent(rights: RunRights, agent: AgentSocket | null): RunRights {
  if (agent === null) return rights;
  return { ...rights, environment: { ...rights.environment, SSH_AUTH_SOCK: agent.path } };
}

/** The streams of docs/protocol.md, 6. */
function peerOfChannel(
  channel: CallChannel,
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
