// Makes a clone ready and then runs one of its files by the Node that the project brings along:
//
//   node scripts/setup.mjs [--no-build | --rebuild] [FILE [WORD...]]
//
// Plain JavaScript without dependencies: in a fresh clone it runs on the machine's own, perhaps older Node.
// Everything it says goes to stderr; stdout, stdin, signals and the exit status belong to FILE.
import { chooseNode, install, isInstalled } from './setup/install.mjs';
import { withLock } from './setup/lock.mjs';
import { build, isBuilt } from './setup/rebuild.mjs';
import { runInPlace } from './setup/run-in-place.mjs';

/** What `npm start` opens when it is given no words. */
const DEFAULT_WORDS = ['shell', 'local'];

async function main() {
  const words = process.argv.slice(2);
  const mode = words[0] === '--no-build' || words[0] === '--rebuild' ? words.shift() : '--build';
  const [file, ...given] = words;

  // npm has put it in the place of bytes that are not UTF-8, or the user has meant it: nobody can tell
  const damaged = file === 'bin/rexa' ? given.findIndex((word) => word.includes('\ufffd')) : -1;
  if (damaged !== -1)
    throw new Error(
      `argument ${damaged + 1} holds U+FFFD, as npm writes bytes that are not UTF-8: call bin/rexa`,
    );

  if (!isInstalled()) await withLock(async () => void (isInstalled() || (await install())));
  const node = chooseNode();
  if (mode === '--rebuild') await withLock(() => build(node, { release: true }));
  if (mode === '--build' && !isBuilt()) {
    await withLock(async () => void (isBuilt() || (await build(node, { release: false }))));
  }

  if (file === undefined) return 0;
  const isBareStart = file === 'bin/rexa' && given.length === 0;
  return runInPlace(node, file, isBareStart ? DEFAULT_WORDS : given);
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`rexa: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
