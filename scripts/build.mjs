// Makes dist/ from src/: `node scripts/build.mjs [--release]`. With --release also the library's declarations, the
// manual pages, and the checks that a package has to pass. dist/ is replaced as a whole at the end, never half.
import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { bundle } from './build/bundle.mjs';
import { checkLaziness } from './build/check-laziness.mjs';
import { emitDeclarations } from './build/emit-declarations.mjs';
import { finishPrograms } from './build/finish-programs.mjs';
import { writeLicences } from './build/write-licences.mjs';
import { root } from './setup/paths.mjs';

const isRelease = process.argv.includes('--release');
const draft = join(root, `dist.draft-${process.pid}`);
const dist = join(root, 'dist');

try {
  const metafiles = await bundle(draft);
  finishPrograms(draft);
  writeLicences(metafiles, draft);
  if (isRelease) {
    checkLaziness(metafiles);
    emitDeclarations(draft);
    // Reads the sources as they are: not for a Node that only builds
    const { writeManPages } = await import('./build/make-man-pages.ts');
    writeManPages(draft);
  }
  rmSync(dist, { recursive: true, force: true });
  renameSync(draft, dist);
} catch (error) {
  // esbuild has said everything about the sources by itself
  if (!(error instanceof Error && 'errors' in error)) throw error;
  process.exitCode = 1;
} finally {
  rmSync(draft, { recursive: true, force: true });
}
