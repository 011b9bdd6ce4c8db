import type { OpenHost } from '../../client/host.ts';
import { readHostName } from '../../client/host-name.ts';
import type { Parsed } from '../../command-line/command-spec.ts';
import { usageError } from '../../command-line/usage-error.ts';
import { planCopies, refuseTwins } from '../files/plan-copies.ts';
import { refuseLocalNames } from '../files/refuse-local-names.ts';
import { type CopyRun, runCopies } from '../files/run-copies.ts';
import { openGreeted } from '../host/with-host.ts';
import { createMessages } from '../output/messages.ts';
import { reportError } from '../output/report-error.ts';
import type { CP_COMMAND } from '../tables/cp.ts';

/** `rexa cp`: copies files. */
export async function run({ values, operands, rest }: Parsed<typeof CP_COMMAND>): Promise<number> {
  const words = [...operands, ...(rest ?? [])];
  const plan = planCopies(words);
  if (values.delete && !values.r) throw usageError('--delete needs -r');
  if (values.delete && plan.needsFolder)
    throw usageError('--delete takes one SRC: what another one copied would be removed');
  refuseTwins(plan, values.r);
  await refuseLocalNames(words, values.config);
  if (values.json && plan.to.kind === 'stdio') throw usageError('--json and DST - both write to stdout');
  const messages = createMessages(values);
  const hosts = new Map<string, Promise<OpenHost>>();
  const opened: OpenHost[] = [];
  const open = (called: string): Promise<OpenHost> => {
    const found = hosts.get(called) ?? openHost(called);
    hosts.set(called, found);
    return found;
  };
  async function openHost(called: string): Promise<OpenHost> {
    const host = await openGreeted(readHostName(called), values, messages);
    opened.push(host);
    return host;
  }
  const copyRun: CopyRun = { plan, values, open, messages };
  try {
    return await runCopies(copyRun);
  } catch (error) {
    return reportError(error, messages);
  } finally {
    for (const host of opened) await host.close();
  }
}
