import fs from 'node:fs';
import { escapeJson } from '../../protocol/show-text.ts';
import { reportFailure } from '../host/report-failure.ts';
import { describeUnwritable, openOutputFile } from '../output/output-file.ts';
import { type RunFacts, writeRunJson } from './run-json.ts';
import type { ConductedRun, ProcessContext } from './run-plan.ts';

/** Writes the line of `--json`. A stdout that does not take it is why the run counts as canceled. */
export async function reportJson(
  ended: ConductedRun,
  facts: RunFacts,
  { stdout, messages }: ProcessContext,
): Promise<ConductedRun> {
  try {
    for (const piece of writeRunJson(ended.result, facts)) await stdout.write(Buffer.from(escapeJson(piece)));
    return ended;
  } catch (error) {
    return { ...ended, cause: reportFailure(error as Error, messages) };
  }
}

/** A file that the line of `--json=FILE` goes to. */
export interface JsonFile {
  /** Writes the line, whole or not at all. @returns whether it could */
  write(ended: ConductedRun, facts: RunFacts): boolean;
}

/**
 * Opens a file for the line before anything is run, so that one that cannot be written stops the run and not its report.
 * @throws RexaError USAGE
 */
export function openJsonFile(file: string, { messages }: Pick<ProcessContext, 'messages'>): JsonFile {
  const descriptor = openOutputFile('--json', file, 'w');
  return {
    write({ result }, facts) {
      try {
        for (const piece of writeRunJson(result, facts)) fs.writeFileSync(descriptor, escapeJson(piece));
        fs.closeSync(descriptor);
        return true;
      } catch (error) {
        messages.fail(`--json: ${describeUnwritable(file, error)}; ${describeEnd(result)}`);
        return false;
      }
    },
  };
}

/** What the line would have told first, since the exit status no longer does. */
function describeEnd({ outcome, exitCode }: ConductedRun['result']): string {
  return exitCode === null ? `the outcome was ${outcome}` : `the command exited with code ${exitCode}`;
}
