import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REXA, REXAD, startDaemon } from '../../fixtures/daemon.ts';
import { runRexa } from '../../fixtures/run-rexa.ts';

describe('rexa ping', () => {
  it('says who answers, and how long it took', async () => {
    await using daemon = await startDaemon({ words: ['--encoding', 'gbk'] });
    const { status, stdout, stderr } = await runRexa(['ping', '-c', '2', daemon.address]);
    expect([status, stderr]).toEqual([0, '']);
    const [head, ...lines] = stdout.toString().split('\n');
    expect(head).toMatch(/^unix:.*: rexad\/\d\S+, protocol 1, encoding gbk$/);
    expect(lines.join('\n')).toMatch(
      /^1: [\d.]+ ms\n2: [\d.]+ ms\nmin [\d.]+ ms, median [\d.]+ ms, max [\d.]+ ms\n$/,
    );
  });

  it('is one line of JSON with --json', async () => {
    await using daemon = await startDaemon();
    const { stdout } = await runRexa(['ping', '--json', '-c3', daemon.address]);
    const told = JSON.parse(stdout.toString()) as { readonly roundTripsMs: readonly number[] };
    expect(told).toMatchObject({
      v: 1,
      host: daemon.address,
      protocol: 1,
      agent: expect.stringMatching(/^rexad\//) as string,
    });
    expect(told.roundTripsMs.length).toBe(3);
  });

  it('fails where nobody answers, or somebody hangs', async () => {
    await using daemon = await startDaemon();
    const none = await runRexa(['ping', 'unix:/nobody/there.sock']);
    expect([none.status, none.stdout.toString()]).toEqual([125, '']);
    expect(none.stderr).toMatch(/^rexa: cannot reach unix:\/nobody\/there.sock: /);
    process.kill(daemon.pid, 'SIGSTOP');
    const hung = await runRexa(['ping', '--connect-timeout', '300ms', daemon.address]);
    process.kill(daemon.pid, 'SIGCONT');
    expect(hung.status).toBe(125);
    expect(hung.stderr).toMatch(/did not answer within 300 ms/);
  });
});

describe('rexa shell --line', () => {
  it('runs the lines of its stdin, and exits with the status of the last one', async () => {
    await using daemon = await startDaemon();
    const input = 'echo one\necho two >&2\n\nexit\necho never\n';
    const all = await runRexa(['shell', '--line', daemon.address], { input });
    expect([all.status, all.stdout.toString(), all.stderr]).toEqual([0, 'one\n', 'two\n']);
    expect((await runRexa(['shell', daemon.address, '--line'], { input: '(exit 3)' })).status).toBe(3);
  });
});

describe('completion', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'rexa-completion-'));
    writeFileSync(join(folder, 'rexa'), `#!/bin/sh\nexec '${process.execPath}' '${REXA}' "$@"\n`, {
      mode: 0o755,
    });
    writeFileSync(join(folder, 'rexad'), `#!/bin/sh\nexec '${process.execPath}' '${REXAD}' "$@"\n`, {
      mode: 0o755,
    });
    symlinkSync(process.execPath, join(folder, 'node'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const has = (shell: string): boolean => spawnSync(shell, ['-c', 'exit 0']).status === 0;

  /** Runs a script in a shell that has rexa on its PATH. */
  function runScript(shell: string, words: readonly string[], script: string): string {
    const { stdout, stderr, status } = spawnSync(shell, [...words, '-c', script], {
      encoding: 'utf8',
      env: { ...process.env, PATH: `${folder}:${process.env['PATH'] ?? ''}` },
      cwd: folder,
    });
    expect([status, stderr]).toEqual([0, '']);
    return stdout;
  }

  it.runIf(has('bash')).each([
    ['rexa ru', '(rexa ru)', 'run'],
    ['rexa run local --ti', '(rexa run local --ti)', '--timeout'],
    ['rexa --color=a', '(rexa --color = a)', 'auto always'],
    ['rexa --color=', '(rexa --color =)', 'auto always never'],
    ['rexa run unix:/x --js', '(rexa run unix : /x --js)', '--json'],
    ['rexa run local cat nod', '(rexa run local cat nod)', 'node'],
    ['rexa  run   lo', '(rexa run lo)', 'local'],
  ])('works in bash: %s', (line, words, expected) => {
    const script = `
      source <(rexa completion bash)
      complete -p rexa | grep -q 'complete.*-F _rexa_completion rexa' || exit 9
      COMP_LINE='${line}'; COMP_POINT=${line.length}; COMP_WORDS=${words}; COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
      _rexa_completion
      echo "\${COMPREPLY[*]}"`;
    expect(runScript('bash', ['--norc'], script)).toBe(`${expected}\n`);
  });

  it.runIf(has('bash'))('works in bash for rexad', () => {
    const script = `
      source <(rexad completion bash)
      COMP_LINE='rexad --log-format json che'; COMP_POINT=27; COMP_WORDS=(rexad --log-format json che); COMP_CWORD=3
      _rexad_completion
      echo "\${COMPREPLY[*]}"`;
    expect(runScript('bash', ['--norc'], script)).toBe('check-config\n');
  });

  it.runIf(has('zsh')).each([
    ['rexa ru', '(rexa ru)', 'run:Run one command and report its outcome'],
    [
      'rexa run unix:/x --js',
      '(rexa run unix:/x --js)',
      '--json:Print one line of JSON with outcome and output; with FILE, write the outcome there and stream the output',
    ],
    ['rexa run local cat nod', '(rexa run local cat nod)', 'files'],
    ['rexa completion f', '(rexa completion f)', 'fish'],
  ])('works in zsh: %s', (_, words, expected) => {
    const script = `
      compdef() { [[ "$*" == '_rexa rexa' ]] || exit 9 }
      _files() { print files }
      _describe() { print -rl -- "\${(@P)4}" }
      source <(rexa completion zsh)
      words=${words}; CURRENT=\${#words}
      _rexa || true`;
    expect(runScript('zsh', ['-f'], script)).toBe(`${expected}\n`);
  });

  it.runIf(has('fish')).each([
    ['rexa ru', 'run\tRun one command and report its outcome'],
    ['rexa run --color=n', '--color=never'],
    ['rexa run local cat nod', 'node'],
  ])('works in fish: %s', (line, expected) => {
    const script = `rexa completion fish | source; complete -C '${line}'`;
    expect(runScript('fish', ['--no-config'], script)).toBe(`${expected}\n`);
  });
});
