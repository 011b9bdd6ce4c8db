import { formatDuration } from '../../../command-line/duration.ts';
import type { TerminalPlan, TerminalStep } from './terminal-plan.ts';

/** A terminal and its steps in words, for `explain`. */
export function explainTerminal({ columns, rows, waitMs, steps }: TerminalPlan): readonly string[] {
  return [
    `runs on a terminal of ${columns} columns and ${rows} rows, of whose screen stdout is`,
    ...(waitMs === null ? [] : [`each step waits for the screen up to ${formatDuration(waitMs)}`]),
    ...steps.map((step, index) => `step ${index + 1}: ${explainStep(step)}`),
  ];
}

function explainStep(step: TerminalStep): string {
  switch (step.kind) {
    case 'look':
      return `waits until the screen ${step.checks.map(({ words }) => words).join(', and ')}`;
    case 'send':
      return `types ${JSON.stringify(step.text)}`;
    case 'send-variable':
      return `types the value of ${step.name}`;
    case 'keys':
      return `presses ${step.keys.map(({ name }) => name).join(' ')}`;
    case 'resize':
      return `makes the terminal ${step.columns} columns and ${step.rows} rows`;
    default:
      return step satisfies never;
  }
}
