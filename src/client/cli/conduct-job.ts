import { askAgainIfLost } from './ask-again.ts';
import { conductRun } from './conduct-run.ts';
import { exitStatusOf } from './exit-status.ts';
import type { HostOptions } from './host-plan.ts';
import { leaveJob } from './leave-job.ts';
import { createMessages, type MessageOptions } from './messages.ts';
import type { RunPlan } from './run-plan.ts';
import { createSurroundings } from './surroundings.ts';
import { tellOutcome } from './tell-outcome.ts';

/**
 * Takes up a job on a host.
 * @param plan `isRepeatable`: what is wanted changes nothing, so that it is asked again when the connection is lost
 * @returns the exit status: that of the job, or why it was left
 */
export async function conductJob(
  {
    isRepeatable = false,
    ...plan
  }: Omit<RunPlan, 'file' | 'args' | 'keepsOutput'> & {
    readonly isRepeatable?: boolean;
  },
  given: HostOptions,
  options: MessageOptions,
): Promise<number> {
  const messages = createMessages(options);
  const whole = { ...plan, file: '', args: [], keepsOutput: false };
  const ask = () => conductRun(whole, createSurroundings(messages, given));
  const ended = await (isRepeatable ? askAgainIfLost(ask, messages) : ask());
  if (ended.left) return leaveJob(ended.left, ended, messages);
  tellOutcome(ended, whole, messages, { hasEncodingOption: true });
  return exitStatusOf(ended.result, ended.cause);
}
