import type { SessionInfo, SessionOptions } from '../../services/sessions/client-types.ts';
import { exitStatusOfRun, statusOfSignal } from '../exit-status.ts';
import type { HostOptions } from '../host/host-plan.ts';
import { reopenCalledHost } from '../host/reopen-called-host.ts';
import { SESSION_HISTORY_LINES } from '../limits.ts';

import { conductRun } from '../run/conduct-run.ts';
import { reportOutcome } from '../run/report-outcome.ts';
import type { ConductedRun, ProcessContext, RunPlan, SessionOnTerminal } from '../run/run-plan.ts';
import { DEFAULT_ESCAPE } from '../tables/common.ts';
import { showCharacter } from '../terminal/escapes.ts';
import type { PredictChoice } from '../terminal/prediction/predict-choice.ts';
import { describeChange, describeClient } from './describe-sessions.ts';
import { type LastingRun, startLastingRun } from './lasting-run.ts';

/** How a session is opened on our terminal. */
export interface SessionPlan {
  /** All but what a session makes of it. */
  readonly run: Omit<RunPlan, 'begin' | 'interrupts' | 'terminal'>;
  readonly session: SessionOptions;
  readonly escape: string | null | undefined;
  readonly predict: PredictChoice | undefined;
  readonly given: HostOptions;
}

/**
 * Joins our terminal to a session of a host, until its program ends or it is left.
 * @param report tells what became of a program that has ended, and returns the exit status
 * @returns the exit status: 0 if the session was left
 */
export async function conductSession(
  { run, session, escape: sign, predict, given }: SessionPlan,
  around: ProcessContext,
  report: (ended: ConductedRun, plan: RunPlan) => number,
): Promise<number> {
  const { messages } = around;
  const watch = watchSession(run.address, session, sign);
  const plan: RunPlan = {
    ...run,
    interrupts: 'watch',
    terminal: { escape: sign, predict, session: watch.onTerminal },
    begin(host, options) {
      const lasting = startLastingRun(host, {
        options,
        session: { historyLines: SESSION_HISTORY_LINES, ...session, handleSession: watch.take },
        start: (opened, asked) => opened.run(run.file, run.args, asked),
        reopen: () => reopenCalledHost(run.address, given, run.user === null ? {} : { user: run.user }),
        reconnectForMs: given.reconnectForMs,
      });
      watch.lasting = lasting;
      return lasting.run;
    },
  };
  const ended = await conductRun(plan, around);
  if (ended.result.code !== 'ABANDONED') return report(ended, plan);
  messages.warn(watch.onTerminal.describeLeft());
  return ended.cause === null ? 0 : statusOfSignal(ended.cause);
}

/** The same, with what is reported of any command. @returns the exit status */
export function joinSession(plan: SessionPlan, around: ProcessContext): Promise<number> {
  return conductSession(plan, around, (ended, asked) => {
    reportOutcome(ended, asked, around.messages, { saysOfInput: false, hasEncodingOption: false });
    return exitStatusOfRun(ended);
  });
}

interface SessionWatch {
  lasting: LastingRun | null;
  readonly onTerminal: SessionOnTerminal;
  take(session: SessionInfo): void;
}

function watchSession(
  address: string,
  { name, record }: SessionOptions,
  given: string | null | undefined,
): SessionWatch {
  let known: SessionInfo | null = null;
  let notify: ((text: string) => void) | null = null;
  const sign = given === undefined ? DEFAULT_ESCAPE : given;

  function describeHow(): string {
    const others = (known?.clients.length ?? 1) - 1;
    const how = sign === null ? '' : `; Enter ${showCharacter(sign)}d detaches`;
    return `attached to the session ${name}${others > 0 ? ` with ${others} others` : ''}${how}${describeRecording()}`;
  }

  /** One that was there before is recorded if whoever has started it wanted that. */
  function describeRecording(): string {
    const file = known?.recording ?? null;
    if (file !== null) return `; recorded in ${file}`;
    return record === undefined ? '' : '; it was there before and is not recorded';
  }

  const watch: SessionWatch = {
    lasting: null,
    take(session) {
      const before = known;
      known = session;
      if (before === null) return notify?.(describeHow());
      const change = before.id === session.id ? describeChange(before, session) : null;
      if (change !== null) notify?.(change);
    },
    onTerminal: {
      describeLeft: () =>
        `detached from the session ${name}, which goes on; to attach again: rexa session attach ${address} ${name}`,
      describe: () =>
        known === null
          ? []
          : [
              `session ${name}, ${known.columns}x${known.rows}`,
              ...known.clients.map(
                (client) => ` ${describeClient(client)}, ${client.columns}x${client.rows}`,
              ),
            ],
      repaint: () => watch.lasting?.repaint(),
      ping: (host) => (watch.lasting ?? host).ping(),
      follow(handle) {
        notify = handle;
        if (known !== null) handle(describeHow());
      },
    },
  };
  return watch;
}
