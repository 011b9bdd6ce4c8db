import { RexaError } from '../../protocol/errors.ts';
import { toRexaError } from '../../protocol/to-rexa-error.ts';
import type { Call } from '../call.ts';
import type { AskedSupervisor, OpenedAnswer } from '../jobs/asked-supervisor.ts';
import { writeStart } from '../jobs/job-runs.ts';
import { INTERACTIVE_WINDOW_BYTES } from '../limits.ts';
import type { AuthorizedRun } from '../run/authorize.ts';
import type { RunMessages } from '../run/inbox.ts';
import type { PreparedRun } from '../run/prepare-run.ts';
import type { RunAudit } from '../run/run-audit.ts';
import type { Turn } from '../service.ts';
import type { SessionEnds } from '../sessions/session-ends.ts';
import { bridgeTerminal } from './bridge.ts';
import type { OpenTerminalRequest } from './messages.ts';
import { utf8Outcome } from './utf8-outcome.ts';

/** What the terminals of a daemon that outlive it are made of. */
export interface TerminalRunsOptions {
  readonly supervisor: AskedSupervisor;
  readonly ends: SessionEnds;
  /** Resolves when the daemon leaves terminals to the supervisor. */
  readonly released: Promise<unknown>;
}

/** A run on a terminal, for a client that can take it up at the next daemon. */
export interface TerminalRun {
  readonly call: Call;
  readonly asked: AuthorizedRun;
  readonly turn: Turn;
  readonly messages: RunMessages;
  readonly line: RunAudit;
}

/** Runs on terminals of the supervisor. */
export interface TerminalRuns {
  /**
   * Starts one, and joins its client.
   * @returns `elsewhere`: there is no supervisor that could have it, and nothing was run
   * @throws RexaError TERMINAL_LOST, and what the supervisor refused with
   */
  start(run: TerminalRun, prepared: PreparedRun): Promise<'done' | 'elsewhere'>;
  /** Joins a client to the one that it had at another daemon. @throws RexaError TERMINAL_LOST */
  takeUp(run: TerminalRun): Promise<void>;
}

/** A daemon without a supervisor, or one whose supervisor is of an older version. */
const ELSEWHERE: readonly string[] = ['SUPERVISOR_START_FAILED', 'SUPERVISOR_UNREACHABLE', 'SERVICE_UNKNOWN'];

/** Tells whether a run may have a terminal that outlives this daemon. */
export function mayLast({ request, rights }: AuthorizedRun, isBound: boolean): boolean {
  const { terminal, lasting, agent, stdio, encoding } = request;
  const isPlain = agent === undefined && stdio === undefined && encoding.output === encoding.input;
  return (
    terminal !== undefined && lasting !== undefined && isPlain && !isBound && rights.forcedCommand === null
  );
}

export function createTerminalRuns({ supervisor, ends, released }: TerminalRunsOptions): TerminalRuns {
  function open(request: Omit<OpenTerminalRequest, 'service' | 'principal'>, principal: string) {
    return supervisor.open(
      { service: 'terminal', principal, ...request },
      {
        receive: [0],
        windowBytes: INTERACTIVE_WINDOW_BYTES,
        lost: new RexaError('TERMINAL_LOST', [request.id]),
      },
    );
  }

  async function follow(
    { call: { channel }, asked, messages, turn }: TerminalRun,
    answer: OpenedAnswer,
  ): Promise<void> {
    const { id } = asked.request;
    if (answer.kind === 'closed') throw new RexaError('TERMINAL_LOST', [id]);
    turn.started();
    messages.begin();
    const bridged = { id, client: channel, messages, terminal: answer.channel, first: answer.message };
    const last = await bridgeTerminal(bridged, released);
    if (last === null) return;
    if (last.error) throw toRexaError(last.error);
    if (last.outcome !== undefined) channel.close({ outcome: utf8Outcome(last.outcome) });
  }

  return {
    async start(run, { start }) {
      const { call, asked, line } = run;
      const { id, timeoutMs, killAfterMs, heldPipes, reportExit } = asked.request;
      const mark = line.start({ terminal: id });
      let answer: OpenedAnswer;
      try {
        answer = await open(
          {
            id,
            size: sizeOf(asked),
            output: 0,
            start: {
              ...writeStart(start),
              mark,
              modes: start.terminal?.modes,
              timeoutMs,
              killAfterMs,
              heldPipes,
              reportExit: reportExit ?? false,
            },
          },
          call.principal.name,
        );
      } catch (error) {
        if (error instanceof RexaError && ELSEWHERE.includes(error.code)) return 'elsewhere';
        line.refuse(error);
        throw error;
      }
      // Whoever is attached at its end, or nobody
      void ends.wait(mark).then(line.closeSupervised);
      await follow(run, answer);
      return 'done';
    },
    async takeUp(run) {
      const { request } = run.asked;
      const output = request.lasting?.output ?? 0;
      const size = sizeOf(run.asked);
      const answer = await open({ id: request.id, size, output }, run.call.principal.name).catch(
        (error: unknown) => {
          run.line.refuse(error);
          throw error;
        },
      );
      await follow(run, answer);
    },
  };
}

function sizeOf({ request: { terminal } }: AuthorizedRun): OpenTerminalRequest['size'] {
  const { columns = 80, rows = 24, widthPixels, heightPixels } = terminal ?? {};
  return {
    columns,
    rows,
    ...(widthPixels === undefined ? {} : { widthPixels }),
    ...(heightPixels === undefined ? {} : { heightPixels }),
  };
}
