// `npm run format`: formats the sources and mends what can be mended safely.
import { runCaptured } from './checks/run-captured.ts';

const { ok } = await runCaptured('biome', ['check', '--write', ...process.argv.slice(2)], { shown: true });
process.exitCode = ok ? 0 : 1;
