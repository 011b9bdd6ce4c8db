import path from 'node:path';
import { baseFolder } from './config-folder.ts';
import { homeFolder } from './home-folder.ts';

/** Where what outlives a login is kept: logs, jobs, records of runs. */
export function stateFolder(): string {
  return path.join(homeFolder(), '.local', 'state', 'rexa');
}

/** The socket that `local` means, and that a bare `rexad` listens on: in `$XDG_RUNTIME_DIR/rexa`, else `~/.local/state/rexa`. */
export function localSocketPath(): string {
  return path.join(baseFolder('XDG_RUNTIME_DIR', '.local/state'), 'rexad.sock');
}

/** Where terminals are recorded that no file was named for. */
export function recordingsFolder(): string {
  return path.join(stateFolder(), 'recordings');
}

/** Where daemons of this account keep the records of runs that are under way. */
export function runRecordsFolder(): string {
  return path.join(stateFolder(), 'runs');
}

/**
 * Where the supervisor of this account's jobs is asked, and keeps them. Not in the runtime folder: jobs outlive a login, and
 * daemons that were started with and without it have the same supervisor.
 */
export function supervisorPaths(): { readonly socket: string; readonly jobs: string; readonly log: string } {
  const folder = stateFolder();
  return {
    socket: path.join(folder, 'keeper.sock'),
    jobs: path.join(folder, 'jobs'),
    log: path.join(folder, 'keeper.log'),
  };
}
