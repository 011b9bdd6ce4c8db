import { describeWord } from '../../protocol/word.ts';
import type { Messages } from '../output/messages.ts';
import { type AskedRun, describeOutcome } from './describe-outcome.ts';
import type { ConductedRun, RunPlan } from './run-plan.ts';

/** Says on stderr what became of a run, where that is more than an exit status. */
export function reportOutcome(
  { result, cause, disconnected, takenBytes = 0, isOwn = false }: ConductedRun,
  { file, args, options }: Pick<RunPlan, 'file' | 'args' | 'options'>,
  messages: Messages,
  said: Pick<AskedRun, 'hasEncodingOption' | 'saysOfInput'>,
): void {
  if (disconnected !== undefined) return messages.warn(disconnected);
  const asked = {
    file: describeWord(file),
    args: args.map(describeWord),
    shell: options.shell !== undefined && options.shell !== false,
    timeoutMs: options.timeout ?? null,
    takenBytes,
    isOwn,
    ...said,
  };
  const { failures, warnings } = describeOutcome(result, asked, cause);
  for (const text of warnings) messages.warn(text);
  for (const text of failures) messages.fail(text);
}

/** Says that a shell was left, since its prompt may look like our own. */
export function reportClosed({ result }: ConductedRun, { address }: RunPlan, messages: Messages): void {
  if (result.outcome === 'exited') messages.warn(`the shell on ${address} has ended`);
}
