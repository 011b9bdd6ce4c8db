import { formatDuration } from '../../../command-line/duration.ts';
import { checkOutput } from '../assertions/check-result.ts';
import type { CheckFiles, Problem } from '../assertions/checked-output.ts';
import { SCREEN_SETTLED_MS } from '../limits.ts';
import { checkableScreen } from './screen.ts';
import type { TerminalStep } from './terminal-plan.ts';

/** The terminal of a command that runs. */
export interface TestedTerminal {
  /** Counts up with each change of the screen. */
  readonly version: number;
  /** Whether all that the command has written is shown, and no more comes. */
  readonly isOver: boolean;
  readonly hasApplicationCursor: boolean;
  rows(): readonly string[];
  type(text: string): void;
  resize(columns: number, rows: number): void;
  /** Resolves with true when the screen is another one than that version, or `isOver`; false when the signal comes first. */
  changed(version: number, signal: AbortSignal | null): Promise<boolean>;
}

/** What steps need of the test that they belong to. */
export interface StepContext {
  readonly files: CheckFiles;
  /** How long each step waits; null: as long as the command runs. */
  readonly waitMs: number | null;
  readVariable(name: string): string | undefined;
}

/** Does the steps one after the other. @returns what is wrong with the one that failed; empty: all are done */
export async function followSteps(
  steps: readonly TerminalStep[],
  terminal: TestedTerminal,
  context: StepContext,
): Promise<readonly Problem[]> {
  for (const [index, step] of steps.entries()) {
    const problems = await doStep(step, terminal, context);
    if (problems.length > 0)
      return problems.map((problem) => ({
        ...problem,
        property: `terminal step ${index + 1}, ${problem.property}`,
      }));
  }
  return [];
}

async function doStep(
  step: TerminalStep,
  terminal: TestedTerminal,
  context: StepContext,
): Promise<readonly Problem[]> {
  switch (step.kind) {
    case 'look':
      return look(step, terminal, context);
    case 'send':
      return type(step.text, 'send', terminal);
    case 'send-variable': {
      const value = context.readVariable(step.name);
      if (value === undefined) return [{ property: 'send', message: `there is no variable ${step.name}` }];
      return type(value, 'send', terminal);
    }
    case 'keys': {
      const { hasApplicationCursor } = terminal;
      const sent = step.keys.map((key) => (hasApplicationCursor ? key.sentToApplication : key.sent));
      return type(sent.join(''), 'key', terminal);
    }
    case 'resize':
      terminal.resize(step.columns, step.rows);
      return [];
    default:
      return step satisfies never;
  }
}

/** Keys for a command that is over would do nothing: the test is wrong, or the command. */
function type(text: string, property: string, terminal: TestedTerminal): readonly Problem[] {
  if (terminal.isOver) return [{ property, message: 'the command had ended before' }];
  terminal.type(text);
  return [];
}

async function look(
  { word, checks }: TerminalStep & { kind: 'look' },
  terminal: TestedTerminal,
  { files, waitMs }: StepContext,
): Promise<readonly Problem[]> {
  const deadline = waitMs === null ? null : AbortSignal.timeout(waitMs);
  const writes = files.writeSnapshot !== undefined && checks.some(({ key }) => key === 'snapshot');
  if (writes) await settle(terminal, deadline);
  for (;;) {
    const { version, isOver } = terminal;
    const found = await checkOutput(word, checkableScreen(terminal.rows()), checks, files);
    if (found.length === 0) return [];
    const isLate = !isOver && !(await terminal.changed(version, deadline));
    if (isOver || isLate) {
      const why = isOver ? 'the command has ended' : `waited for ${formatDuration(waitMs ?? 0)}`;
      return found.map((problem) => ({ ...problem, message: `${problem.message} (${why})` }));
    }
  }
}

/** Waits until the screen stays as it is. */
async function settle(terminal: TestedTerminal, deadline: AbortSignal | null): Promise<void> {
  let isQuiet = false;
  while (!isQuiet && !terminal.isOver && deadline?.aborted !== true)
    isQuiet = !(await terminal.changed(terminal.version, AbortSignal.timeout(SCREEN_SETTLED_MS)));
}
