import { type HostName, readHostName } from '../../client/host-name.ts';
import { usageError } from '../../command-line/usage-error.ts';

/** HOST and JOB. @throws RexaError USAGE when one is missing */
export function readJobWords(
  command: string,
  operands: readonly string[],
): HostName & { readonly job: string } {
  const [host, job] = operands;
  if (host === undefined) throw usageError(`a HOST is missing: rexa ${command} HOST JOB`);
  if (job === undefined) throw usageError(`a JOB is missing: rexa ${command} ${host} JOB`);
  return { ...readHostName(host), job };
}
