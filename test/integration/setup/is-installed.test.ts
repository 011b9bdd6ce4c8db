import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createBareClone } from './bare-clone.ts';

const ROOT = { version: '1.0.0' };
const A = { version: '1.0.0', integrity: 'sha512-a' };
const OPTIONAL = { version: '1.0.0', integrity: 'sha512-o', optional: true };
const LOCK = { '': ROOT, 'node_modules/a': A, 'node_modules/o': OPTIONAL };

describe('what is installed', () => {
  it.each([
    ['is missing', null, false],
    ['is what the lock file says', { 'node_modules/a': A, 'node_modules/o': OPTIONAL }, true],
    ['lacks an optional package of another platform', { 'node_modules/a': A }, true],
    ['lacks a package', { 'node_modules/o': OPTIONAL }, false],
    ['holds another version', { 'node_modules/a': { ...A, version: '1.0.1' } }, false],
    ['holds another content', { 'node_modules/a': { ...A, integrity: 'sha512-b' } }, false],
    ['holds a package that is no longer asked for', { 'node_modules/a': A, 'node_modules/z': A }, false],
  ])('%s', async (_, installed, expected) => {
    await using clone = await createBareClone();
    await writeFile(join(clone.path, 'package-lock.json'), JSON.stringify({ packages: LOCK }));
    await mkdir(join(clone.path, 'node_modules'));
    if (installed !== null) {
      const list = join(clone.path, 'node_modules', '.package-lock.json');
      await writeFile(list, JSON.stringify({ packages: installed }));
    }
    const program = await clone.writeProgram(
      `import { isInstalled } from './setup/install.mjs'; process.stdout.write(String(isInstalled()));`,
    );
    const { stdout } = await promisify(execFile)(process.execPath, [program]);
    expect(stdout).toBe(String(expected));
  });
});
