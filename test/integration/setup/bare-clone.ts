import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SETUP = fileURLToPath(new URL('../../../scripts/setup', import.meta.url));

/** A clone of which there is nothing but the set-up script's modules: they take the folder above for the clone. */
export interface BareClone extends AsyncDisposable {
  readonly path: string;
  /** The path of a module that runs this code, with `setup` as the folder of the set-up script's modules. */
  writeProgram(code: string): Promise<string>;
}

export async function createBareClone(): Promise<BareClone> {
  const path = await mkdtemp(join(tmpdir(), 'rexa-clone-'));
  await cp(SETUP, join(path, 'scripts', 'setup'), { recursive: true });
  return {
    path,
    writeProgram: async (code) => {
      const file = join(path, 'scripts', 'program.mjs');
      await writeFile(file, code);
      return file;
    },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}
