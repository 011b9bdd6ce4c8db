import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** The clone's top folder. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** rexa, packed and installed as a user would. */
export interface InstalledPackage extends AsyncDisposable {
  /** What stands in the tarball, relative to the package. */
  readonly packedFiles: readonly string[];
  /** A folder for the test's own files; everything else is in it too. */
  readonly folder: string;
  /** The prefix that it was installed into. */
  readonly prefix: string;
  /** The installed package itself. */
  readonly path: string;
}

/** Packs the clone's `dist/`, which has to be built for a release, and installs it into an empty prefix. */
export async function installPackage(): Promise<InstalledPackage> {
  const folder = await mkdtemp(join(tmpdir(), 'rexa-package-'));
  const prefix = join(folder, 'prefix');
  const packed = await runProgram(
    'npm',
    ['pack', '--json', '--ignore-scripts', '--pack-destination', folder],
    { cwd: ROOT },
  );
  const tarball = (await readdir(folder)).find((name) => name.endsWith('.tgz'));
  if (tarball === undefined) throw new Error(`npm pack made nothing: ${packed.stderr}`);
  const quiet = ['--no-audit', '--no-fund', '--omit=dev', '--prefer-offline'];
  await runProgram('npm', ['install', '--global', '--prefix', prefix, ...quiet, join(folder, tarball)], {
    cwd: folder,
  });
  return {
    packedFiles: listPackedFiles(packed.stdout),
    folder,
    prefix,
    path: join(prefix, 'lib', 'node_modules', 'rexa'),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/** npm 11 gives a list of packages, others an object with one for each name. */
function listPackedFiles(json: string): string[] {
  const [packed] = Object.values(JSON.parse(json) as Record<string, { files: { path: string }[] }>);
  return packed?.files.map(({ path }) => path) ?? [];
}

export interface Ending {
  readonly status: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end; rejects when it fails, unless `mayFail`. */
export async function runProgram(
  file: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv; readonly mayFail?: boolean } = {},
): Promise<Ending> {
  const { mayFail = false, ...rest } = options;
  try {
    return { status: 0, ...(await promisify(execFile)(file, args, { ...rest, timeout: 120_000 })) };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number | string; stdout: string; stderr: string };
    if (!mayFail) throw error;
    return { status: code, stdout, stderr };
  }
}
