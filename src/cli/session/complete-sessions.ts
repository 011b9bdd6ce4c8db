import type { Candidate } from '../../command-line/completion-candidates.ts';
import { askQuietly } from '../host/open-quietly.ts';
import { describeCommand } from '../jobs/describe-jobs.ts';
import { describeState } from './describe-sessions.ts';

/** Returns the sessions of a host whose names begin so; as askQuietly. */
export async function listSessionCandidates(called: string, start: string): Promise<readonly Candidate[]> {
  const sessions = await askQuietly(called, (host) => host.sessions());
  return sessions
    .filter(({ name }) => name.startsWith(start))
    .map((session) => ({
      text: session.name,
      about: `${describeState(session)}: ${describeCommand({ command: session.command, note: null })}`,
    }));
}
