import { judgeFailure } from './judge-failure.ts';
import { writeRunJson } from './run-json.ts';
import type { ConductedRun, Surroundings } from './run-plan.ts';

/** Writes the line of `--json`. A stdout that does not take it is why the run counts as canceled. */
export async function tellJson(
  ended: ConductedRun,
  { stdout, messages }: Surroundings,
): Promise<ConductedRun> {
  try {
    for (const piece of writeRunJson(ended.result)) await stdout.write(Buffer.from(piece));
    return ended;
  } catch (error) {
    return { ...ended, cause: judgeFailure(error as Error, messages) };
  }
}
