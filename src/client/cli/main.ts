import { leave, runCommandLine } from './dispatch.ts';

await leave(await runCommandLine(process.argv.slice(2)));
