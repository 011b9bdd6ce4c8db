import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LAUNCHER_ENVIRONMENT, REXA_LAUNCHER, startDaemon } from '../../fixtures/daemon.ts';
import { makeFilesFolder } from '../../fixtures/files-folder.ts';
import { runRexa } from '../../fixtures/run-rexa.ts';

/** Names as latin1: the bytes of a name that is not UTF-8, and what a shell must quote. */
const NAMES = ['caf\xe9', "it's a $1 (b)", 'plain'];

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');

/** Makes a folder in which each of these names is the only one with its first letter. */
function makeNames(): string {
  const folder = makeFilesFolder();
  for (const name of NAMES) writeFileSync(latin1(`${folder}/${name}`), '');
  mkdirSync(join(folder, 'a folder'));
  writeFileSync(latin1(`${folder}/a folder/\xfcber \\1`), '');
  return folder;
}

const SHELLS = {
  bash: ['--norc', '-c'],
  zsh: ['-f', '-c'],
  fish: ['--no-config', '-c'],
} as const;

/** Runs a script, with arguments, in a shell that has rexa on its PATH. @returns stdout as latin1 */
function runScript(shell: keyof typeof SHELLS, script: string, ...args: readonly string[]): string {
  const folder = makeFilesFolder();
  symlinkSync(REXA_LAUNCHER, join(folder, 'rexa'));
  const name = shell === 'fish' ? [] : [shell];
  const { stdout, stderr, status } = spawnSync(shell, [...SHELLS[shell], script, ...name, ...args], {
    env: {
      ...process.env,
      ...LAUNCHER_ENVIRONMENT,
      LC_ALL: 'C.UTF-8',
      PATH: `${folder}:${process.env['PATH'] ?? ''}`,
    },
  });
  expect([status, stderr.toString()]).toEqual([0, '']);
  return stdout.toString('latin1');
}

// The shell evaluates the line with the only completion in the place of what stands behind the last colon
const IN_BASH = `
source <(rexa completion bash)
compopt() { :; }
IFS=: read -r scheme socket path <<<"$1"
COMP_LINE="rexa cp $1"; COMP_POINT=\${#COMP_LINE}; COMP_WORDS=(rexa cp "$scheme" : "$socket" : "$path"); COMP_CWORD=6
_rexa_completion
eval "printf %s:%s:%s $scheme $socket \${COMPREPLY[*]}"`;

// _describe removes one backslash of two
const IN_ZSH = String.raw`
compdef() { : }
_describe() { print -rn -- "${'$'}{(@P)4}" | LC_ALL=C sed 's/\\\(.\)/\1/g' }
source <(rexa completion zsh)
words=(rexa cp "$1"); CURRENT=3
_rexa`;

const IN_FISH = 'rexa completion fish | source; printf %s (complete -C "rexa cp $argv[1]")';

const has = (shell: string): boolean => spawnSync(shell, ['-c', 'exit 0']).status === 0;

/** What is typed below the folder, and the path that comes of it. */
const TYPED: readonly (readonly [typed: string, path: string])[] = [
  ['c', 'caf\xe9'],
  ['it', "it's a $1 (b)"],
  [String.raw`it\'s\ a\ `, "it's a $1 (b)"],
  ['pl', 'plain'],
  ['a', 'a folder/'],
  [String.raw`a\ folder/`, 'a folder/\xfcber \\1'],
];

describe('completion of rexa cp', () => {
  it('offers hosts, and paths of a host', async () => {
    await using daemon = await startDaemon();
    const folder = makeFilesFolder();
    mkdirSync(join(folder, 'dir'));
    for (const name of ['do', 'other', 'd\x9b', 'd\n']) writeFileSync(latin1(`${folder}/${name}`), '');
    const complete = async (word: string): Promise<readonly string[]> => {
      const { stdout } = await runRexa(['completion', 'candidates', '--', 'cp', '-r', word]);
      const lines = stdout.toString('latin1').trimEnd().split('\n');
      return lines.map((line) => line.split('\t')[0] ?? '');
    };
    const start = `${daemon.address}:${folder}/`;
    expect((await complete(`${start}d`)).toSorted()).toEqual([`${start}dir/`, `${start}do`]);
    expect(await complete('loc')).toEqual(['local:', ':files']);
  });

  describe.each<[keyof typeof SHELLS, string]>([
    ['bash', IN_BASH],
    ['zsh', IN_ZSH],
    ['fish', IN_FISH],
  ])('in %s', (shell, script) => {
    it.runIf(has(shell))('gives paths of any bytes, with what the shell must quote', async () => {
      await using daemon = await startDaemon();
      const start = `${daemon.address}:${makeNames()}/`;
      const found = TYPED.map(([typed]) => runScript(shell, script, `${start}${typed}`));
      expect(found).toEqual(TYPED.map(([, path]) => `${start}${path}`));
    });
  });
});
