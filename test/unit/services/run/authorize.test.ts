import { describe, expect, it } from 'vitest';
import type { Grant } from '../../../../src/auth/grant.ts';
import { type Principal, relayedPrincipal } from '../../../../src/auth/principal.ts';
import { checkRights } from '../../../../src/services/rights.ts';
import {
  allowedEnvironment,
  authorizeRun,
  RUNS_OF_BOUND,
  refusedEnvironment,
} from '../../../../src/services/run/authorize.ts';
import { loginShell } from '../../../../src/services/run/environment.ts';
import type { RunRequest } from '../../../../src/services/run/messages.ts';
import { codeOf } from '../../../fixtures/auth/fixtures.ts';
import { LOCAL_PRINCIPAL as LOCAL, principalWith } from '../../../fixtures/granted-login.ts';

const NOW = 1_800_000_000;
const CONNECTION = {
  SSH_CONNECTION: '192.0.2.7 40000 198.51.100.1 7522',
};

function request(more: object = {}): RunRequest {
  return {
    service: 'run',
    id: 'one',
    command: { argv: ['ls'] },
    env: {},
    stdin: 'none',
    encoding: { output: 'host', input: 'host' },
    ...more,
  };
}

/** What runs of a request, once the rights of its principal have been checked as a dispatcher does. */
function rightsOf(principal: Principal, asked: RunRequest) {
  checkRights({ name: 'run', openToBound: RUNS_OF_BOUND }, principal, asked, NOW);
  return authorizeRun(asked, principal).rights;
}

/** The code of why a service, which says nothing of bound principals but for `run`, is refused; null: it is not. */
function refusal(principal: Principal, name: string): string | null {
  const openToBound = name === 'run' ? RUNS_OF_BOUND : null;
  return codeOf(() => checkRights({ name, openToBound }, principal, null, NOW));
}

describe('the services that a key opens', () => {
  it.each<[string, Partial<Grant>, string, string | null]>([
    ['without options', {}, 'run', null],
    ['without options', {}, 'files', null],
    ['with a forced command', { command: 'x' }, 'run', null],
    ['with a forced command', { command: 'x' }, 'files', 'NOT_PERMITTED'],
    ['with an empty forced command', { command: '' }, 'jobs', 'NOT_PERMITTED'],
    ['under restrict', { restricted: true }, 'run', null],
    ['under restrict', { restricted: true }, 'forward', 'NOT_PERMITTED'],
    ['that ends later', { expiresAtSeconds: NOW + 1 }, 'run', null],
    ['that has ended', { expiresAtSeconds: NOW }, 'run', 'LOGIN_EXPIRED'],
  ])('%s %j: %s → %s', (_what, grant, service, code) => {
    expect(refusal(principalWith(grant), service)).toBe(code);
  });

  it('are all open to a client on our own socket', () => {
    expect(refusal(LOCAL, 'files')).toBeNull();
    expect(LOCAL.rights.terminal).toBe(true);
    expect(rightsOf(LOCAL, request({ env: { A: 'b' } }))).toEqual({
      forcedCommand: null,
      environment: {},
    });
  });
});

describe('a terminal', () => {
  it.each<[boolean, string | null]>([
    [true, null],
    [false, 'NOT_PERMITTED'],
  ])('where permitPty is %s: %s', (permitPty, code) => {
    const asked = request({ terminal: { columns: 80, rows: 24, term: 'xterm' } });
    expect(codeOf(() => rightsOf(principalWith({ permitPty }), asked))).toBe(code);
  });
});

describe('a run', () => {
  it.each<[string, Partial<Grant>, object, string | null]>([
    ['any variable with a plain key', {}, { env: { FOO: 'x' } }, null],
    ['LANG under restrict', { restricted: true }, { env: { LANG: 'C', LC_ALL: 'C', TERM: 'vt100' } }, null],
    ['another variable under restrict', { restricted: true }, { env: { FOO: 'x' } }, 'ENVIRONMENT_REFUSED'],
    ['another variable under command=', { command: 'x' }, { env: { PATH: '/x' } }, 'ENVIRONMENT_REFUSED'],
    [
      'a name that only begins like LANG',
      { command: 'x' },
      { env: { LANGUAGE: 'x' } },
      'ENVIRONMENT_REFUSED',
    ],
    ['to go on without its client', {}, { lifetime: 'detached' }, null],
    [
      'to go on without its client under restrict',
      { restricted: true },
      { lifetime: 'detached' },
      'NOT_PERMITTED',
    ],
    ['to end with its client under restrict', { restricted: true }, { lifetime: 'with-client' }, null],
    ['to linger under command=', { command: 'x' }, { lifetime: { lingerMs: 1 } }, 'NOT_PERMITTED'],
    ['to be kept under restrict', { restricted: true }, { record: true }, 'NOT_PERMITTED'],
    ['what is thought of later under restrict', { restricted: true }, { later: 1 }, 'NOT_PERMITTED'],
    ['anything when the key has ended', { expiresAtSeconds: NOW - 1 }, {}, 'LOGIN_EXPIRED'],
  ])('asking for %s: %j %j → %s', (_what, grant, more, code) => {
    expect(codeOf(() => rightsOf(principalWith(grant), request(more)))).toBe(code);
  });

  it('is bounded behind a relay with restrict as by a key with that option, and not behind another one', () => {
    const relayed = (rights: 'full' | 'restrict') => relayedPrincipal(LOCAL, { rights, provenance: {} });
    const ask = (rights: 'full' | 'restrict', more: object) =>
      codeOf(() => rightsOf(relayed(rights), request(more)));
    const terminal = { terminal: { columns: 80, rows: 24 } };
    expect([ask('restrict', {}), ask('restrict', { env: { LANG: 'C' } })]).toEqual([null, null]);
    expect([ask('restrict', terminal), ask('restrict', { record: true })]).toEqual([
      'NOT_PERMITTED',
      'NOT_PERMITTED',
    ]);
    expect(ask('restrict', { env: { PATH: '/tmp' } })).toBe('ENVIRONMENT_REFUSED');
    expect(refusal(relayed('restrict'), 'jobs')).toBe('NOT_PERMITTED');
    expect(refusal(relayed('full'), 'jobs')).toBe(null);
    expect([ask('full', terminal), ask('full', { env: { PATH: '/tmp' } })]).toEqual([null, null]);
  });

  it('is told of its client as sshd tells it only where that is asked for, on every transport', () => {
    const asked = request({ sshVariables: true });
    expect(rightsOf(principalWith({}), asked).environment).toEqual({
      ...CONNECTION,
      SSH_CLIENT: '192.0.2.7 40000 7522',
    });
    expect(rightsOf(LOCAL, asked).environment).toEqual({
      SSH_CONNECTION: 'UNKNOWN 65535 UNKNOWN 65535',
      SSH_CLIENT: 'UNKNOWN 65535 65535',
    });
    expect(rightsOf(LOCAL, request()).environment).toEqual({});
  });

  it.each(['HOME', 'USER', 'LOGNAME', 'SHELL', 'PATH', 'MAIL'])(
    'has the %s of its account, whatever is offered',
    (name) => {
      expect(allowedEnvironment(principalWith({}).rights, { [name]: '/nope', OTHER: 'x' })).toEqual({
        OTHER: 'x',
      });
    },
  );

  it('with a plain key is told where its client is, and nothing is forced', () => {
    expect(rightsOf(principalWith({}), request())).toEqual({
      forcedCommand: null,
      environment: CONNECTION,
    });
  });

  it.each<[string, object, object]>([
    [
      'a line',
      { line: 'ls -l; id' },
      { SSH_ORIGINAL_COMMAND: 'ls -l; id', argv: [loginShell(), '-c', 'ls -l; id'] },
    ],
    ['words', { argv: ['git', 'log'] }, { SSH_ORIGINAL_COMMAND: 'git log', argv: ['git', 'log'] }],
    [
      'words that a shell would read otherwise',
      { argv: ['echo', "it's", '', '$HOME', 'a b', '~', 'x\ny'] },
      {
        SSH_ORIGINAL_COMMAND: `echo 'it'\\''s' '' '$HOME' 'a b' '~' 'x\ny'`,
        argv: ['echo', "it's", '', '$HOME', 'a b', '~', 'x\ny'],
      },
    ],
  ])('under command= finds what was asked for: %s', (_what, command, told) => {
    const { forcedCommand, environment } = rightsOf(
      principalWith({ command: 'serve' }),
      request({ command }),
    );
    const { REXA_ORIGINAL_ARGV = '', SSH_ORIGINAL_COMMAND } = environment;
    expect([forcedCommand, { SSH_ORIGINAL_COMMAND, argv: JSON.parse(String(REXA_ORIGINAL_ARGV)) }]).toEqual([
      'serve',
      told,
    ]);
  });

  it('under command= finds no original where a shell was asked for', () => {
    const asked = request({ command: { shell: 'login' } });
    expect(rightsOf(principalWith({ command: 'serve' }), asked).environment).toEqual(CONNECTION);
  });
});

describe('environment= of a key', () => {
  const environment = new Map([
    ['ROLE', 'backup'],
    ['LD_PRELOAD', '/evil.so'],
    ['SSH_CLIENT', 'forged'],
    ['REXA_RUN_ID', 'forged'],
  ]);

  it('is set but for what no client may set', () => {
    const { environment: set } = rightsOf(principalWith({ environment }), request());
    expect(set).toEqual({ ROLE: 'backup', ...CONNECTION });
    expect(refusedEnvironment(principalWith({ environment }).rights)).toEqual([
      'LD_PRELOAD',
      'SSH_CLIENT',
      'REXA_RUN_ID',
    ]);
  });
});

describe('variables that a client offers', () => {
  const offered = {
    LANG: 'C',
    GIT_PROTOCOL: 'version=2',
    FOO: 'x',
    LD_PRELOAD: 'x',
    SSH_TTY: 'x',
    'a=b': 'x',
  };

  it.each<[string, Partial<Grant> | null, readonly string[]]>([
    ['on our own socket', null, ['LANG', 'GIT_PROTOCOL', 'FOO']],
    ['with a plain key', {}, ['LANG', 'GIT_PROTOCOL', 'FOO']],
    ['under restrict', { restricted: true }, ['LANG', 'GIT_PROTOCOL']],
    ['under command=', { command: 'git-shell' }, ['LANG', 'GIT_PROTOCOL']],
  ])('%s are left out where they would be refused', (_, grant, kept) => {
    const principal = grant === null ? LOCAL : principalWith(grant);
    expect(Object.keys(allowedEnvironment(principal.rights, offered))).toEqual(kept);
    expect(codeOf(() => rightsOf(principal, request({ offeredEnv: offered })))).toBeNull();
  });
});
