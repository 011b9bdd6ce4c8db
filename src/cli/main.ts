import { limitReadGarbage } from '../runtime/read-garbage.ts';
import { leave, runCommandLine } from './dispatch.ts';
import { EXIT_REXA_FAILED } from './exit-status.ts';

// Where nothing is left to wait for before a status was decided, rexa has failed: that must not look like a success
process.exitCode = EXIT_REXA_FAILED;

limitReadGarbage();
void runCommandLine(process.argv.slice(2)).then(leave);
