// `npm run docs`: writes the pages that are generated from the sources, and the API reference into api/, which git ignores.
import { runCaptured } from '../checks/run-captured.ts';
import { writePages } from './pages.ts';

await writePages();
const { ok, output } = await runCaptured('typedoc', ['--logLevel', 'Warn']);
process.stderr.write(output);
if (!ok) process.exitCode = 1;
