import { describe, expect, it } from 'vitest';
import { REXA } from '../../../src/cli/tables/program.ts';
import { listCandidates, listOwnCandidates } from '../../../src/command-line/completion-candidates.ts';
import { DAEMON_COMMAND } from '../../../src/daemon/options.ts';

const COMMAND_NAMES = Object.keys(REXA.commands);

const complete = (line: string): readonly string[] => {
  const { candidates, files } = listCandidates(REXA, line.split(' '));
  return [...candidates.map(({ text }) => text), ...(files ? [':files'] : [])];
};

describe('completion', () => {
  it('names an operand whose words only a host knows, with those before it', () => {
    expect(listCandidates(REXA, ['logs', '-f', 'build1', '7']).unknown).toEqual({
      operand: 'JOB',
      before: ['build1'],
    });
    expect(listCandidates(REXA, ['run', '']).unknown).toBeUndefined();
  });

  it.each([
    ['', ['status', 'check-config', 'completion']],
    ['--log-format ', ['pretty', 'json']],
    ['--lis', ['--listen']],
    ['--config ', [':files']],
    ['check', ['check-config']],
  ])('of "rexad %s" is %j', (line, texts) => {
    const { candidates, files } = listOwnCandidates(DAEMON_COMMAND, line.split(' '));
    expect([...candidates.map(({ text }) => text), ...(files ? [':files'] : [])]).toEqual(texts);
  });

  it.each([
    ['', [...COMMAND_NAMES, 'local']],
    ['loc', ['local']],
    ['r', ['run']],
    ['s', ['ssh', 'shell', 'session', 'smoke']],
    ['smoke ch', ['check', ':files']],
    ['smoke a.yaml --re', ['--rerun-failed', '--repeat', '--retry-failed', '--report', '--reconnect-for']],
    ['smoke a.yaml --show=', ['--show=failed', '--show=all']],
    ['--col', ['--color']],
    ['--json ru', ['run']],
    ['--color ', ['auto', 'always', 'never']],
    ['--color a', ['auto', 'always']],
    ['--color=n', ['--color=never']],
    ['--timeout 5 r', ['run']],
    ['-- ru', ['run']],
    ['-- lo', ['logs', 'local']],
    ['-- --col', []],
    ['run ', ['local']],
    ['run x', []],
    ['run --ti', ['--timeout']],
    ['run --encoding g', ['gbk', 'gb18030']],
    ['run --encoding=bin', ['--encoding=binary']],
    ['run --nonsense=b', []],
    ['run --cwd ', []],
    ['run --cwd /tmp lo', ['local']],
    ['run --unheard-of lo', ['local']],
    ['run local --js', ['--json']],
    ['run local -- --js', [':files']],
    ['run local ls --js', [':files']],
    ['run local ls ', [':files']],
    ['run local ', [':files']],
    ['--json run local ls -', [':files']],
    ['ping local ', []],
    ['ping local --js', ['--json']],
    ['completion ', ['bash', 'zsh', 'fish']],
    ['help ', COMMAND_NAMES],
    ['unix:/x --conn', ['--connect-timeout']],
    ['unix:/x ls ', [':files']],
    ['build1 --c', ['--config', '--connect-timeout', '--color']],
  ])('of "rexa %s" is %j', (line, texts) => {
    expect(complete(line)).toEqual(texts);
  });

  it('offers no option that is hidden or refused', () => {
    const offered = complete('ssh -');
    expect(offered).toContain('-l');
    expect(offered).not.toContain('-B');
  });

  it('says what each candidate means', () => {
    const { candidates } = listCandidates(REXA, ['run', '--js']);
    expect(candidates[0]?.about).toMatch(/^Print one line of JSON/);
  });
});
