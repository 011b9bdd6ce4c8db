import { describe, expect, it } from 'vitest';
import { readRun } from '../../../src/cli/commands/run.ts';
import { RUN_COMMAND } from '../../../src/cli/tables/run.ts';
import { parseWords } from '../../../src/command-line/parse-words.ts';

const run = (...words: readonly string[]) => readRun(parseWords(RUN_COMMAND, words)).plan;

describe('rexa run', () => {
  it('asks for exact arguments', () => {
    expect(run('local', '--', 'printf', '%s', '', '1e3', '--', '-n')).toMatchObject({
      address: 'local',
      user: null,
      file: 'printf',
      args: ['%s', '', '1e3', '--', '-n'],
      options: { shell: false },
      sendsStdin: true,
      keepsOutput: false,
    });
  });

  it('asks for a shell line', () => {
    expect(run('me@local', '-c', 'ls | wc')).toMatchObject({
      address: 'local',
      user: 'me',
      file: 'ls | wc',
      args: [],
      options: { shell: true },
    });
    expect(run('local', '-c', '')).toMatchObject({ file: '', options: { shell: true } });
  });

  it('leaves to the library what was not given', () => {
    expect(run('local', 'ls').options).toEqual({ shell: false, env: {} });
  });

  it('passes each option on', () => {
    const words = [
      '--cwd',
      'src',
      '--timeout',
      '30s',
      '--kill-after',
      '1',
      '--encoding',
      'gbk',
      '--stdin-encoding',
      'utf8',
    ];
    const plan = run(
      ...words,
      '--id',
      'a.b:c_d-1',
      '--env',
      'A=1=2',
      '--env',
      'B=',
      '-n',
      '--json',
      'local',
      'ls',
    );
    expect(plan).toMatchObject({ sendsStdin: false, keepsOutput: true });
    expect(plan.options).toEqual({
      shell: false,
      cwd: 'src',
      timeout: 30_000,
      forceKillAfterDelay: 1_000,
      encoding: 'gbk',
      inputEncoding: 'utf8',
      id: 'a.b:c_d-1',
      env: { A: '1=2', B: '' },
    });
  });

  it('takes a timeout of 0 for none, as timeout(1) does', () => {
    expect(run('--timeout', '0', 'local', 'ls').options).not.toHaveProperty('timeout');
  });

  it('takes the last of two values of a variable, and any name', () => {
    const { env } = run('--env', 'A=1', '--env', 'A=2', '--env', '__proto__=x', 'local', 'ls').options;
    expect(Object.entries(env ?? {})).toEqual([
      ['A', '2'],
      ['__proto__', 'x'],
    ]);
  });

  it.each([
    [[], 'a HOST is missing: rexa run HOST -- FILE [ARG...]'],
    [
      ['local'],
      "a command is missing after HOST 'local': rexa run HOST FILE [ARG...], or rexa run HOST -c LINE",
    ],
    [
      ['local', '--'],
      "a command is missing after HOST 'local': rexa run HOST FILE [ARG...], or rexa run HOST -c LINE",
    ],
    [['ls', '-l'], "unknown option -l of rexa run; 'ls' was taken as HOST"],
    [['-l', 'local', 'ls'], 'unknown option -l of rexa run'],
    [['local', '--tiemout', '5', 'ls'], 'unknown option --tiemout of rexa run; did you mean --timeout?'],
    [['local', '-c', 'ls', '-l'], /^unknown option -l of rexa run; 'local' was taken as HOST/],
    [['local', '-c', 'ls', 'x'], '-c LINE takes no further arguments'],
    [['local', '-c', 'ls', '--', 'x'], '-c LINE takes no further arguments'],
    [['local', '--env', 'A', 'ls'], "--env: 'A' is not of the form NAME=VALUE"],
    [['local', '--env', '=A', 'ls'], "--env: '=A' is not of the form NAME=VALUE"],
    [['local', '--id', 'a b', 'ls'], /^--id: 'a b' is not a valid id/],
    [['local', '--id', 'x'.repeat(129), 'ls'], /is not a valid id/],
    [['local', '--encoding', '', 'ls'], '--encoding: an encoding name is required'],
    [['local', '--color', 'sometimes', 'ls'], "--color: 'sometimes' is not one of auto, always, never"],
    [['local', '--connect-timeout', '0', 'ls'], '--connect-timeout: the duration must be above 0'],
    [['local', '--lifetime', '1h', 'ls'], /^--lifetime: '1h' is not a lifetime/],
    [['local', '--lifetime', 'linger:soon', 'ls'], /^--lifetime: 'soon' is not a duration/],
    [['local', '--detach', '--json', 'ls'], /^--detach cannot be combined with --json$/],
    [
      ['local', '--detach', '--lifetime', 'with-client', 'ls'],
      /^--detach cannot be combined with --lifetime/,
    ],
    [['local', '--detach', '-t', 'ls'], /^-t cannot be combined with --detach/],
  ])('refuses %j', (words, message) => {
    expect(() => run(...words)).toThrow(message);
  });
});
