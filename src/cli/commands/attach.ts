import { isatty } from 'node:tty';
import type { StartedJob } from '../../client/run-types.ts';
import type { Parsed } from '../../command-line/command-spec.ts';
import { readHostOptions } from '../host/host-options.ts';
import { ON_STDIN } from '../host/identities.ts';
import { conductJob } from '../jobs/conduct-job.ts';
import { readJobWords } from '../jobs/read-job-words.ts';
import { createReadingStart } from '../run/reading-start.ts';
import type { ATTACH_COMMAND } from '../tables/jobs.ts';

/** `rexa attach`: a job as if it had been started here. */
export async function run({ values, operands }: Parsed<typeof ATTACH_COMMAND>): Promise<number> {
  const { address, user, job } = readJobWords('attach', operands);
  const { since, encoding, 'stdin-encoding': inputEncoding } = values;
  // What a person types is lines that can be typed again
  const strict = isatty(0) ? 'bell' : 'cancel';
  const start = createReadingStart(since);
  const plan = {
    address,
    user,
    options: {
      id: job,
      encoding,
      inputEncoding,
      encodingErrors: values['encoding-errors'] === 'replace' ? 'replace' : strict,
    },
    sendsStdin: !values.n && !values.i.includes(ON_STDIN),
    connectTimeoutMs: values['connect-timeout'],
    interrupts: values['forward-signals'] ? 'attach-forwarding' : 'watch',
    announce: (started: StartedJob) => announce(address, started, values['forward-signals']),
  } as const;
  return conductJob(
    {
      ...plan,
      begin(host, { stdin = 'ignore', buffer = false }) {
        const attached = host
          .job(job)
          .attach({ stdin, buffer, reject: false, ...plan.options, ...start.options });
        start.follow(attached);
        return attached;
      },
    },
    readHostOptions(values, user),
    values,
  );
}

function announce(address: string, { id, lifetime }: StartedJob, forwards: boolean): string {
  const leaving = forwards ? 'Ctrl-C interrupts it, a second one detaches' : 'Ctrl-C detaches';
  const fate = lifetime === 'with-client' ? 'the job ends with its last client' : 'the job continues';
  const signal = forwards ? '' : `; rexa kill -s INT ${address} ${id} interrupts it`;
  return `attached to the job ${id}: ${leaving}, and ${fate}${signal}`;
}
