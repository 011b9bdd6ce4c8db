import { describeOutcome } from './describe-outcome.ts';
import type { Messages } from './messages.ts';
import type { ConductedRun, RunPlan } from './run-plan.ts';

/** Says on stderr what became of a run, where that is more than an exit status. */
export function tellOutcome(
  { result, cause }: ConductedRun,
  { file, args, options }: Pick<RunPlan, 'file' | 'args' | 'options'>,
  messages: Messages,
  { hasEncodingOption }: { readonly hasEncodingOption: boolean },
): void {
  const asked = {
    file,
    args,
    shell: options.shell === true,
    timeoutMs: options.timeout ?? null,
    hasEncodingOption,
  };
  const { failures, warnings } = describeOutcome(result, asked, cause);
  for (const text of warnings) messages.warn(text);
  for (const text of failures) messages.fail(text);
}
