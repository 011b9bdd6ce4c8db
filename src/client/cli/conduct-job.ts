import { conductRun } from './conduct-run.ts';
import { exitStatusOf } from './exit-status.ts';
import type { HostOptions } from './host-plan.ts';
import { leaveJob } from './leave-job.ts';
import { createMessages, type MessageOptions } from './messages.ts';
import type { RunPlan } from './run-plan.ts';
import { createSurroundings } from './surroundings.ts';
import { tellOutcome } from './tell-outcome.ts';

/** Takes up a job on a host. @returns the exit status: that of the job, or why it was left */
export async function conductJob(
  plan: Omit<RunPlan, 'file' | 'args' | 'keepsOutput'>,
  given: HostOptions,
  options: MessageOptions,
): Promise<number> {
  const messages = createMessages(options);
  const whole = { ...plan, file: '', args: [], keepsOutput: false };
  const ended = await conductRun(whole, createSurroundings(messages, given));
  if (ended.left) return leaveJob(ended.left, ended.result, messages);
  tellOutcome(ended, whole, messages, { hasEncodingOption: true });
  return exitStatusOf(ended.result, ended.cause);
}
