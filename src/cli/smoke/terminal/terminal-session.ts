import type { RemoteRun, RunOptions, RunResult } from '../../../client/run-types.ts';
import { judgeOutput, judgeResult } from '../judge/judge-result.ts';
import type { JudgeFiles, Problem } from '../judge/judged-output.ts';
import { STEP_TIMEOUT_MS } from '../limits.ts';
import { expandVariables } from '../parse/expand-variables.ts';
import type { Step } from '../suite.ts';
import { followSteps } from './follow-steps.ts';
import { judgeableScreen } from './screen.ts';
import type { TerminalPlan } from './terminal-plan.ts';
import { openTestedTerminal } from './tested-terminal.ts';

/** One try of a test on a terminal. */
export interface TerminalSession {
  readonly options: RunOptions;
  /** Does the steps. @returns what became of the command, with its last screen as stdout */
  follow(run: RemoteRun<string | Uint8Array>): Promise<RunResult<string>>;
  /** Whether the command was hung up by us, since a step failed or none was left. */
  readonly isHungUp: boolean;
  judge(result: RunResult<string | Uint8Array>): Promise<readonly Problem[]>;
}

export function createTerminalSession(step: Step, plan: TerminalPlan, files: JudgeFiles): TerminalSession {
  const { run: settings, expect } = step;
  const { columns, rows, steps } = plan;
  const waitMs = plan.waitMs ?? (settings.timeoutMs === null ? STEP_TIMEOUT_MS : null);
  let failure: readonly Problem[] = [];
  let isHungUp = false;
  let screen: readonly string[] = [];

  function readVariable(name: string): string | undefined {
    const own = settings.env.get(name);
    return own === undefined ? process.env[name] : expandVariables(own, process.env);
  }

  return {
    options: { terminal: { columns, rows }, stdin: 'pipe', buffer: false },
    async follow(run) {
      const terminal = await openTestedTerminal(run, columns, rows);
      try {
        failure = await followSteps(steps, terminal, { files, waitMs, readVariable });
        if (failure.length === 0 && expect.outcome !== 'canceled' && !(await terminal.ended(waitMs)))
          failure = [{ property: 'terminal', message: STILL_RUNNING }];
        screen = terminal.rows();
        isHungUp = !terminal.isOver;
        if (isHungUp) run.hangUp();
        return { ...(await run), stdout: screen.join('\n'), stderr: '' };
      } finally {
        terminal.close();
      }
    },
    get isHungUp() {
      return isHungUp;
    },
    async judge(result) {
      if (isHungUp && failure.length > 0) return failure;
      const conduct = await judgeResult(result, { ...expect, stdout: [], stderr: [] }, files);
      const isUnknown =
        conduct.some(({ property }) => property === 'outcome') && result.outcome !== 'timed-out';
      if (isUnknown) return conduct;
      const shown =
        failure.length > 0 ? [] : await judgeOutput('stdout', judgeableScreen(screen), expect.stdout, files);
      return [...failure, ...shown, ...conduct];
    },
  };
}

const STILL_RUNNING =
  'the command still runs behind the last step: end it by a step, or say outcome: canceled, and it is hung up';
