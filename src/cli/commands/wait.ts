import type { Parsed } from '../../command-line/command-spec.ts';
import { readHostOptions } from '../host/host-options.ts';
import { conductJob } from '../jobs/conduct-job.ts';
import { readJobWords } from '../jobs/read-job-words.ts';
import type { WAIT_COMMAND } from '../tables/jobs.ts';

/** `rexa wait`: the exit status of a job, once it is known. */
export async function run({ values, operands }: Parsed<typeof WAIT_COMMAND>): Promise<number> {
  const { address, user, job } = readJobWords('wait', operands);
  return conductJob(
    {
      address,
      user,
      options: { id: job },
      sendsStdin: false,
      connectTimeoutMs: values['connect-timeout'],
      interrupts: 'watch',
      begin: (host) => host.job(job).wait({ reject: false }),
    },
    readHostOptions(values, user),
    values,
  );
}
