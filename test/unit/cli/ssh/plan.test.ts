import { describe, expect, it } from 'vitest';
import { planSession } from '../../../../src/cli/ssh/plan-session.ts';
import { resolveWords } from '../../../../src/cli/ssh/resolve.ts';
import { joinAssignments, pickEnvironment } from '../../../../src/cli/ssh/send-environment.ts';
import { decideTerminal } from '../../../../src/cli/ssh/terminal-rule.ts';
import { SSH_COMMAND } from '../../../../src/cli/tables/ssh.ts';
import { parseWords } from '../../../../src/command-line/parse-words.ts';

function session(...words: readonly string[]) {
  const { said, rest, values } = parseWords(SSH_COMMAND, words);
  const { host, settings } = resolveWords(said);
  return planSession(host, settings, rest ?? [], values['connect-timeout'], true);
}

function plan(...words: readonly string[]) {
  const planned = session(...words);
  if (planned.kind !== 'run') throw new Error('nothing is run');
  return planned.plan;
}

describe('rexa ssh', () => {
  it('joins the words by one space, as ssh does, and leaves bytes as they are', () => {
    expect(plan('-n', 'me@local', 'echo', 'a  b', '', '$HOME', '-n')).toMatchObject({
      address: 'local',
      user: 'me',
      file: 'echo a  b  $HOME -n',
      args: [],
      options: { shell: true, encoding: 'binary' },
      sendsStdin: false,
      keepsOutput: false,
    });
  });

  it.each([
    ['no', false],
    ['yes', true],
  ])('takes EnableEscapeCommandline=%s', (value, hasCommandLine) => {
    const { terminal } = plan('-tt', '-o', `EnableEscapeCommandline=${value}`, 'local');
    expect(terminal).toMatchObject({ hasCommandLine });
  });

  it('takes the remote command where no words stand behind HOST, and not both', () => {
    expect(plan('-o', 'RemoteCommand=uptime -p', 'local').file).toBe('uptime -p');
    expect(plan('-o', 'RemoteCommand=none', 'local', 'id').file).toBe('id');
    expect(() => plan('-o', 'RemoteCommand=uptime', 'local', 'id')).toThrow(
      /^both a command and RemoteCommand/,
    );
  });

  it.each([
    [['-o', 'ConnectTimeout=5', 'local', 'id'], 5000],
    [['-o', 'ConnectTimeout=5', '--connect-timeout', '7', 'local', 'id'], 7000],
    [['-o', 'ConnectTimeout=0', 'local', 'id'], undefined],
    [['local', 'id'], undefined],
  ])('%j waits for %s ms', (words, connectTimeoutMs) => {
    expect(plan(...words).connectTimeoutMs).toBe(connectTimeoutMs);
  });

  it.each([[['local']], [['local', '--']], [['local', '']]])('%j asks for a shell on a terminal', (words) => {
    const { file, options, terminal } = plan(...words);
    expect([file, options.shell, options.encoding, terminal]).toEqual([
      '',
      'login',
      undefined,
      { escape: undefined },
    ]);
  });

  it.each([
    [['-T', 'local'], 'login', undefined],
    [['-t', 'local', 'vim'], true, { escape: undefined }],
    [['-e', '^]', '-t', 'local', 'vim'], true, { escape: '\x1d' }],
    [['-e', 'none', 'local'], 'login', { escape: null }],
  ])('%j is a shell: %j, and on this terminal: %j', (words, shell, expected) => {
    const { options, terminal } = plan(...words);
    expect([options.shell, options.encoding, terminal]).toEqual([
      shell,
      expected === undefined ? 'binary' : undefined,
      expected,
    ]);
  });
});

describe('SendEnv and SetEnv', () => {
  const own = { LANG: 'C', LC_ALL: 'de', LC_TIME: 'en', GIT_PROTOCOL: 'version=2', __proto__x: '1' };

  it.each([
    [['LANG'], { LANG: 'C' }],
    [['LC_*'], { LC_ALL: 'de', LC_TIME: 'en' }],
    [['LC_????'], { LC_TIME: 'en' }],
    [['GIT_PROTOCOL', 'NOT_SET'], { GIT_PROTOCOL: 'version=2' }],
    [['lang'], {}],
  ])('SendEnv %j sends %j', (patterns, sent) => {
    expect(pickEnvironment(patterns, { variables: own, isExact: true })).toEqual(sent);
  });

  it('takes the first of two values of a name', () => {
    const assignments = [
      ['A', '1'],
      ['B', '2'],
      ['A', '3'],
    ] as const;
    expect(joinAssignments(assignments)).toEqual({ A: '1', B: '2' });
  });
});

describe('whether a terminal is asked for', () => {
  const bare = {
    requestTty: undefined,
    sessionType: undefined,
    stdinNull: false,
    hasCommand: false,
    isStdinTerminal: true,
  };

  it.each([
    ['a shell', {}, 'terminal'],
    ['a shell without a terminal here', { isStdinTerminal: false }, 'unfit'],
    ['a shell with -n', { stdinNull: true }, 'unfit'],
    ['a shell with -T', { requestTty: 'no' }, 'none'],
    ['a command', { hasCommand: true }, 'none'],
    ['a command with -t', { hasCommand: true, requestTty: 'yes' }, 'terminal'],
    [
      'a command with -t and no terminal here',
      { hasCommand: true, requestTty: 'yes', isStdinTerminal: false },
      'unfit',
    ],
    [
      'a command with -tt and no terminal here',
      { hasCommand: true, requestTty: 'force', isStdinTerminal: false },
      'terminal',
    ],
    ['a subsystem', { sessionType: 'subsystem', hasCommand: true }, 'none'],
    ['-N', { sessionType: 'none' }, 'none'],
    ['-N with -tt', { sessionType: 'none', requestTty: 'force' }, 'none'],
  ] as const)('%s', (_, question, answer) => {
    expect(decideTerminal({ ...bare, ...question })).toBe(answer);
  });
});
