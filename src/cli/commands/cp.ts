import type { OpenHost } from '../../client/host.ts';
import { readHostName } from '../../client/host-name.ts';
import type { ParsedWords } from '../../command-line/parse-words.ts';
import { usageError } from '../../command-line/usage-error.ts';
import { DEFAULT_CONNECT_TIMEOUT_MS } from '../../protocol/limits.ts';
import { planCopies, refuseTwins } from '../files/plan-copies.ts';
import { refuseLocalNames } from '../files/refuse-local-names.ts';
import { type CopyRun, runCopies } from '../files/run-copies.ts';
import { readHostOptions } from '../host/host-options.ts';
import { openCalledHost } from '../host/open-called-host.ts';
import { createMessages } from '../output/messages.ts';
import { reportError } from '../output/report-error.ts';
import type { CP_COMMAND } from '../tables/cp.ts';

/** `rexa cp`: copies files. */
export async function run({
  values,
  operands,
  rest,
}: ParsedWords<(typeof CP_COMMAND)['options']>): Promise<number> {
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
    const { address, user } = readHostName(called);
    const host = await openCalledHost(address, readHostOptions(values, user), messages);
    await host.greeted(values['connect-timeout'] ?? DEFAULT_CONNECT_TIMEOUT_MS);
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
