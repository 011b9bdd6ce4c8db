import { limitReadGarbage } from '../link/read-garbage.ts';
import { leave, runCommandLine } from './dispatch.ts';

limitReadGarbage();
await leave(await runCommandLine(process.argv.slice(2)));
