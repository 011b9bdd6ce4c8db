import { existsSync } from 'node:fs';
import { readHostName } from '../../client/host-name.ts';
import type { Candidate } from '../../command-line/completion-candidates.ts';
import { localSocketPath } from '../../places/local-socket.ts';
import { RexaError } from '../../protocol/errors.ts';
import { openCalledHost } from '../host/open-called-host.ts';
import { createMessages } from '../output/messages.ts';
import { describeCommand } from './describe-jobs.ts';

/** The longest wait for a completion. */
const PATIENCE_MS = 2_000;

/**
 * Returns the jobs of a host whose ids begin so, the newest first. None where that would ask a person for something, or start
 * a daemon.
 */
export async function listJobCandidates(called: string, start: string): Promise<readonly Candidate[]> {
  if (called === 'local' && !existsSync(localSocketPath())) return [];
  const silent = createMessages({ q: true, v: 0, color: 'never' }, () => undefined);
  try {
    const { address, user } = readHostName(called);
    const given = {
      user: user ?? undefined,
      mayAsk: false,
      connectTimeoutMs: PATIENCE_MS,
      reconnectForMs: 0,
    };
    await using host = await openCalledHost(address, given, silent);
    await host.greeted(PATIENCE_MS);
    const jobs = await host.jobs();
    return jobs
      .filter(({ id }) => id.startsWith(start))
      .map((job) => ({ text: job.id, about: `${job.state}: ${describeCommand(job)}` }));
  } catch (error) {
    if (error instanceof RexaError) return [];
    throw error;
  }
}
