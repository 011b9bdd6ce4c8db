import type { OpenHost } from '../../client/host.ts';
import type { SessionInfo } from '../../services/sessions/client-types.ts';
import type { SessionPlan } from './conduct-session.ts';

/** Of a session that is started without a terminal; its first client brings another size. */
const FIRST_SIZE = { columns: 80, rows: 24 } as const;

/**
 * Starts a session without attaching to it.
 * @returns the session @throws RunError what the host refused it with
 */
export async function startDetached(
  host: OpenHost,
  { run: { file, args, options }, session }: Pick<SessionPlan, 'run' | 'session'>,
): Promise<SessionInfo> {
  const told = Promise.withResolvers<SessionInfo>();
  const run = host.run(file, args, {
    ...options,
    terminal: { ...FIRST_SIZE, term: process.env['TERM'] ?? 'xterm-256color' },
    stdin: 'pipe',
    buffer: false,
    session: { ...session, mode: 'view', handleSession: told.resolve },
  });
  run.stdout.resume();
  run.stderr.resume();
  const started = await Promise.race([told.promise, run.then(() => told.promise)]);
  run.abandon();
  return started;
}
