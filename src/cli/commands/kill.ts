import type { Parsed } from '../../command-line/command-spec.ts';
import { withHost } from '../host/with-host.ts';
import { readJobWords } from '../jobs/read-job-words.ts';
import type { KILL_COMMAND } from '../tables/jobs.ts';

/** `rexa kill`: ends a job, or signals it. */
export async function run({ values, operands }: Parsed<typeof KILL_COMMAND>): Promise<number> {
  const { job, ...name } = readJobWords('kill', operands);
  return withHost(name, values, async (host, messages) => {
    const { outcome } = await host.job(job).kill(values.signal);
    const survivors = outcome?.survivors ?? [];
    if (survivors.length > 0) messages.warn(`still running: pid ${survivors.join(', ')}`);
    return 0;
  });
}
