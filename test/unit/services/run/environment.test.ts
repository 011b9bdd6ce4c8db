import { userInfo } from 'node:os';
import { describe, expect, it } from 'vitest';
import { baseEnvironment, loginShell, mergeEnvironment } from '../../../../src/services/run/environment.ts';

describe.runIf(process.platform !== 'win32')('the base environment', () => {
  it.each(['LANG', 'LANGUAGE', 'LC_ALL', 'LC_TIME', 'TZ', 'TMPDIR', 'XDG_RUNTIME_DIR', 'PATH'])(
    "takes the daemon's %s",
    (name) => {
      expect(baseEnvironment({ [name]: 'of the daemon' })[name]).toBe('of the daemon');
    },
  );

  it.each(['AWS_SECRET_ACCESS_KEY', 'SSH_AUTH_SOCK', 'REXA_RUN_ID', 'NODE_OPTIONS', 'LCX', 'XPATH', 'path'])(
    'keeps the %s of the daemon from commands',
    (name) => {
      expect(baseEnvironment({ [name]: 'secret' })).not.toHaveProperty(name);
    },
  );

  it('tells who the user is as the password file has it, not as the daemon was told', () => {
    const { username, homedir, shell } = userInfo();
    expect(
      baseEnvironment({ HOME: '/elsewhere', USER: 'other', LOGNAME: 'other', SHELL: '/bin/other' }),
    ).toEqual({
      PATH: '/usr/local/bin:/usr/bin:/bin',
      HOME: homedir,
      USER: username,
      LOGNAME: username,
      SHELL: shell,
    });
  });

  it('takes /bin/sh where the password file names no shell', () => {
    const { username } = userInfo();
    expect(loginShell({ username, home: '/', shell: '' })).toBe('/bin/sh');
    expect(loginShell(null)).toBe('/bin/sh');
  });
});

describe('merging what a client asks for', () => {
  it('adds to the base and replaces in it', () => {
    expect(mergeEnvironment({ A: '1', B: '2' }, { B: '3', C: '' })).toEqual({ A: '1', B: '3', C: '' });
  });

  it('changes neither of the two', () => {
    const base = Object.freeze({ A: '1' });
    expect(mergeEnvironment(base, Object.freeze({ A: '2' }))).toEqual({ A: '2' });
    expect(base).toEqual({ A: '1' });
  });

  it.each(['__proto__', 'constructor', 'hasOwnProperty'])('takes %s for a name like others', (name) => {
    const merged = mergeEnvironment({ A: '1' }, JSON.parse(`{"${name}":"x"}`) as Record<string, string>);
    expect(Object.entries(merged)).toEqual([
      ['A', '1'],
      [name, 'x'],
    ]);
  });

  it.each([
    'LD_PRELOAD',
    'LD_LIBRARY_PATH',
    'LD_',
    'DYLD_INSERT_LIBRARIES',
    '_RLD_LIST',
    'GLIBC_TUNABLES',
    'GCONV_PATH',
    'BASH_ENV',
    'ENV',
    'ZDOTDIR',
    'BASH_FUNC_ls%%',
    '__BASH_FUNC<ls>()',
    'SHELLOPTS',
    'BASHOPTS',
    'PS4',
    'IFS',
    'NODE_OPTIONS',
    'PERL5OPT',
    'PERL5DB',
    'RUBYOPT',
    'PYTHONSTARTUP',
    'JAVA_TOOL_OPTIONS',
    '_JAVA_OPTIONS',
    'JDK_JAVA_OPTIONS',
    'DOTNET_STARTUP_HOOKS',
  ])('refuses %s by name, and says where it can be set', (name) => {
    expect(() => mergeEnvironment({}, { [name]: 'x' })).toThrow(
      expect.objectContaining({
        code: 'ENVIRONMENT_REFUSED',
        message: expect.stringMatching(/ is refused: .*set it in the command: env /) as string,
      }) as Error,
    );
  });

  it.each(['SSH_AUTH_SOCK', 'SSH_CONNECTION', 'REXA_RUN_ID', 'REXA_'])(
    'leaves %s to the host alone',
    (name) => {
      expect(() => mergeEnvironment({}, { [name]: 'x' })).toThrow('only the host itself sets it');
    },
  );

  it.each([
    'PYTHONPATH',
    'NODE_PATH',
    'PERL5LIB',
    'RUBYLIB',
    'CLASSPATH',
    'GIT_EXEC_PATH',
    'PATH',
    'LANG',
    'TERM',
  ])('takes %s, which people do set', (name) => {
    expect(mergeEnvironment({}, { [name]: 'x' })).toEqual({ [name]: 'x' });
  });

  it.each([
    ['no name', '', 'x', 'needs a name'],
    ['a name with =', 'A=B', 'x', 'no ='],
    ['a name with NUL', 'A\0', 'x', 'no NUL'],
    ['a value with NUL', 'A', 'x\0y', 'NUL'],
  ])('refuses %s', (_what, name, value, reason) => {
    expect(() => mergeEnvironment({}, { [name]: value })).toThrow(
      expect.objectContaining({
        code: 'ENVIRONMENT_REFUSED',
        message: expect.stringContaining(reason) as string,
      }) as Error,
    );
  });
});
