import type { RemoteRun, RunOptions, RunResult } from '../../../client/run-types.ts';
import { checkOutput, checkResult } from '../assertions/check-result.ts';
import type { CheckFiles, Problem } from '../assertions/checked-output.ts';
import { normalizeText } from '../assertions/go-text.ts';
import { STEP_TIMEOUT_MS } from '../limits.ts';
import { expandVariables } from '../parse/expand-variables.ts';
import type { Step } from '../suite.ts';
import { followSteps } from './follow-steps.ts';
import { checkableScreen } from './screen.ts';
import type { TerminalPlan } from './terminal-plan.ts';
import { openTestedTerminal } from './tested-terminal.ts';

/** One try of a test on a terminal. */
export interface TerminalSession {
  readonly options: RunOptions;
  /** Does the steps. @returns what became of the command, with its last screen as stdout */
  follow(run: RemoteRun<string | Uint8Array>): Promise<RunResult>;
  /** Whether the command was hung up by us, since a step failed or none was left. */
  readonly isHungUp: boolean;
  check(result: RunResult<string | Uint8Array>): Promise<readonly Problem[]>;
}

export function createTerminalSession(step: Step, plan: TerminalPlan, files: CheckFiles): TerminalSession {
  const { run: settings, expect } = step;
  const { columns, rows, steps } = plan;
  const waitMs = plan.waitMs ?? (settings.timeoutMs === null ? STEP_TIMEOUT_MS : null);
  let failure: readonly Problem[] = [];
  let isHungUp = false;
  let screen: readonly string[] = [];
  /** The screen where it shows a secret, without it. */
  let masked: string | null = null;

  function readVariable(name: string): string | undefined {
    const own = settings.env.get(name);
    return own === undefined ? process.env[name] : expandVariables(own, process.env);
  }

  /** A row may hold a part of a secret, which cannot be found there. */
  function hideSecrets(problems: readonly Problem[]): readonly Problem[] {
    if (masked === null) return problems;
    const actual = normalizeText(masked);
    return problems.map((problem) => (problem.actual === undefined ? problem : { ...problem, actual }));
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
        const unwrapped = terminal.unwrapped();
        if (files.mask(unwrapped) !== unwrapped) masked = files.mask(unwrapped);
        isHungUp = !terminal.isOver;
        if (isHungUp) run.hangUp();
        return { ...(await run), stdout: masked ?? screen.join('\n'), stderr: '' };
      } finally {
        terminal.close();
      }
    },
    get isHungUp() {
      return isHungUp;
    },
    async check(result) {
      if (isHungUp && failure.length > 0) return hideSecrets(failure);
      const conduct = await checkResult(result, { ...expect, stdout: [], stderr: [] }, files);
      const isUnknown =
        conduct.some(({ property }) => property === 'outcome') && result.outcome !== 'timed-out';
      if (isUnknown) return conduct;
      const shown =
        failure.length > 0 ? [] : await checkOutput('stdout', checkableScreen(screen), expect.stdout, files);
      return [...hideSecrets([...failure, ...shown]), ...conduct];
    },
  };
}

const STILL_RUNNING =
  'the command still runs behind the last step: end it by a step, or say outcome: canceled, and it is hung up';
