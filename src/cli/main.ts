import { limitReadGarbage } from '../runtime/read-garbage.ts';
import { leave, runCommandLine } from './dispatch.ts';
import { EXIT_REXA_FAILED } from './exit-status.ts';
import { isSharer } from './share/share-mark.ts';

// Where nothing is left to wait for before a status was decided, rexa has failed: that must not look like a success
process.exitCode = EXIT_REXA_FAILED;

limitReadGarbage();
void start().then(leave);

/** A process that shares a connection in the background is this program, too. */
async function start(): Promise<number> {
  if (isSharer()) return (await import('./share/sharer.ts')).runSharer();
  return runCommandLine(process.argv.slice(2));
}
