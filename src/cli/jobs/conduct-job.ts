import { RexaError } from '../../protocol/errors.ts';
import { EXIT_REXA_FAILED, exitStatusOfRun } from '../exit-status.ts';
import { askAgainIfLost } from '../host/ask-again.ts';
import type { HostOptions } from '../host/host-plan.ts';
import { createMessages, type MessageOptions } from '../output/messages.ts';
import { createProcessContext } from '../process-context.ts';
import { conductRun } from '../run/conduct-run.ts';
import { createContinuedOutput } from '../run/continued-output.ts';
import { reportOutcome } from '../run/report-outcome.ts';
import type { RunPlan } from '../run/run-plan.ts';
import { leaveJob } from './leave-job.ts';

/**
 * Takes up a job on a host. When its daemon is killed, restarted or replaced, the next one is asked, and output goes on
 * behind the last byte; unless stdin was sent, of which the job may have received any part.
 * @returns the exit status: that of the job, or why it was left
 */
export async function conductJob(
  plan: Omit<RunPlan, 'file' | 'args' | 'keepsOutput'>,
  given: HostOptions,
  options: MessageOptions,
): Promise<number> {
  const messages = createMessages(options);
  const continued = [createContinuedOutput(), createContinuedOutput()] as const;
  let hasSentInput = false;
  const handleInput = (): void => {
    hasSentInput = true;
  };
  const whole = { ...plan, file: '', args: [], keepsOutput: false, continued, handleInput };
  const around = createProcessContext(messages, given);
  const ended = await askAgainIfLost(
    () => conductRun(whole, around),
    messages,
    () => !hasSentInput,
  );
  if (continued.some(({ isBroken }) => isBroken)) {
    messages.fail(new RexaError('OUTPUT_CHANGED', [plan.options.id ?? '']).message);
    return EXIT_REXA_FAILED;
  }
  if (ended.left) return leaveJob(ended.left, ended, messages);
  reportOutcome(ended, whole, messages, { saysOfInput: true, hasEncodingOption: true });
  return exitStatusOfRun(ended);
}
