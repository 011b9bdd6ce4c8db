import { hostJobs } from '../services/jobs/client.ts';
import type { JobsHost } from '../services/jobs/client-types.ts';
import type { AskedHost } from './asked-host.ts';

/** What a host can be asked for beside commands: a name for each folder in src/services. */
export interface HostServices extends JobsHost {}

/**
 * Gives a host what these services add to it.
 * @internal
 */
export function hostServices(host: AskedHost): HostServices {
  return { ...hostJobs(host) };
}
