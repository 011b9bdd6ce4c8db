import { afterEach, describe, expect, it } from 'vitest';
import { parseExpiryTime } from '../../../src/auth/expiry-time.ts';
import { parseForwardTarget } from '../../../src/auth/forward-target.ts';
import { NO_OPTIONS, parseKeyOptions } from '../../../src/auth/key-options.ts';
import { codeOf } from '../../fixtures/auth/fixtures.ts';

describe('the options of a key', () => {
  it.each([
    ['', {}],
    [
      'rexa-sessions="view:a",rexa-sessions="drive:b.2"',
      {
        sessions: [
          { mode: 'view', name: 'a' },
          { mode: 'drive', name: 'b.2' },
        ],
      },
    ],
    [
      'restrict',
      { restricted: true, permitPty: false, permitAgentForwarding: false, permitPortForwarding: false },
    ],
    [
      'restrict,pty',
      { restricted: true, permitPty: true, permitAgentForwarding: false, permitPortForwarding: false },
    ],
    [
      'restrict,port-forwarding',
      { restricted: true, permitPty: false, permitAgentForwarding: false, permitPortForwarding: true },
    ],
    ['restrict,agent-forwarding', { restricted: true, permitPty: false, permitPortForwarding: false }],
    [
      'pty,restrict',
      { restricted: true, permitPty: false, permitAgentForwarding: false, permitPortForwarding: false },
    ],
    [
      'restrict,pty,no-pty',
      { restricted: true, permitPty: false, permitAgentForwarding: false, permitPortForwarding: false },
    ],
    ['no-pty', { permitPty: false }],
    ['no-pty,pty', { permitPty: true }],
    ['NO-PTY', { permitPty: false }],
    ['no-port-forwarding', { permitPortForwarding: false }],
    ['cert-authority', { certAuthority: true }],
    ['verify-required', { verifyRequired: true }],
    ['verify-required,no-verify-required', { verifyRequired: false }],
    ['no-touch-required', { touchRequired: false }],
    ['no-touch-required,touch-required', {}],
    ['agent-forwarding,x11-forwarding,user-rc,touch-required', {}],
    ['no-agent-forwarding', { permitAgentForwarding: false }],
    ['no-X11-forwarding,no-user-rc', {}],
    ['tunnel="any"', {}],
    ['tunnel="3"', {}],
    [',,no-pty,,', { permitPty: false }],
    ['command="echo hi"', { command: 'echo hi' }],
    ['command=""', { command: '' }],
    ['COMMAND="echo hi"', { command: 'echo hi' }],
    [String.raw`command="echo \"hi\""`, { command: 'echo "hi"' }],
    [String.raw`command="a\\b\n"`, { command: String.raw`a\\b\n` }],
    [String.raw`command="a\\"b"`, { command: String.raw`a\"b` }],
    ['command="a,b=c no-pty"', { command: 'a,b=c no-pty' }],
    ['command="echo \t#x"', { command: 'echo \t#x' }],
    ['principals="alice,bob"', { principals: ['alice', 'bob'] }],
    ['principals=",alice,,"', { principals: ['alice'] }],
    ['principals=""', { principals: [] }],
    [
      'environment="A=1",environment="B=2=3"',
      {
        environment: new Map([
          ['A', '1'],
          ['B', '2=3'],
        ]),
      },
    ],
    ['environment="A=1",environment="A=2"', { environment: new Map([['A', '1']]) }],
    ['environment="A="', { environment: new Map([['A', '']]) }],
    ['expiry-time="20300102Z"', { expiresAtSeconds: Date.UTC(2030, 0, 2) / 1000 }],
    ['expiry-time="20310102Z",expiry-time="20300102Z"', { expiresAtSeconds: Date.UTC(2030, 0, 2) / 1000 }],
    ['expiry-time="20300102Z",expiry-time="20310102Z"', { expiresAtSeconds: Date.UTC(2030, 0, 2) / 1000 }],
    [
      'permitopen="db:5432",permitopen="[::1]:*"',
      {
        permitOpen: [
          { host: 'db', port: 5432 },
          { host: '::1', port: '*' },
        ],
      },
    ],
    [
      'permitlisten="8080",permitlisten="localhost:*"',
      {
        permitListen: [
          { host: '*', port: 8080 },
          { host: 'localhost', port: '*' },
        ],
      },
    ],
  ])('%j', (text, expected) => {
    expect(parseKeyOptions(text)).toEqual({ ...NO_OPTIONS, ...expected });
  });

  it('reads values as UTF-8', () => {
    const text = Buffer.from('command="echo 你好"', 'utf8').toString('latin1');
    expect(parseKeyOptions(text).command).toBe('echo 你好');
  });

  it('keeps the addresses of from=', () => {
    expect(parseKeyOptions('from="192.0.2.0/24,!192.0.2.1"').from?.map(({ negated }) => negated)).toEqual([
      false,
      true,
    ]);
  });

  it.each([
    ['paint-it-black'],
    ['ptyx'],
    ['no-restrict'],
    ['no-cert-authority'],
    ['no-no-pty'],
    ['no-command'],
    ['sign="x"'],
    ['pty="x"'],
    ['no-pty="x"'],
    ['"quoted"'],
    ['command="a"pty'],
    ['command="a""b"'],
    ['__proto__'],
    ['constructor="x"'],
  ])('an option that nobody knows is refused: %j', (text) => {
    expect(codeOf(() => parseKeyOptions(text))).toBe('KEY_OPTION_UNKNOWN');
  });

  it.each([
    ['command'],
    ['command='],
    ['restrict=no'],
    ['command=echo'],
    ['command="echo'],
    [String.raw`command="echo\"`],
    ["command='echo'"],
    ['command="a",command="a"'],
    ['command="",command="a"'],
    ['principals="a",principals="a"'],
    ['from="*",from="*"'],
    ['from="192.0.2.1/8"'],
    ['environment="A"'],
    ['environment="=x"'],
    ['environment="A-B=x"'],
    ['environment="A B=x"'],
    ['expiry-time="tomorrow"'],
    ['permitopen="8080"'],
    ['rexa-sessions="look:work"'],
    ['rexa-sessions="view:"'],
    ['rexa-sessions="view:../x"'],
    ['rexa-sessions="view:a,drive:b"'],
    ['permitopen="db:0"'],
    ['permitopen="db:65536"'],
    ['permitlisten="x"'],
    ['tunnel="tap0"'],
    ['command="\xff"'],
  ])('a value that is not one is refused: %j', (text) => {
    expect(codeOf(() => parseKeyOptions(text))).toBe('KEY_OPTION_INVALID');
  });

  it('leaves the options of a key without options alone', () => {
    parseKeyOptions('environment="A=1",permitopen="a:1",restrict');
    expect(NO_OPTIONS).toMatchObject({ restricted: false, permitOpen: null });
    expect(NO_OPTIONS.environment.size).toBe(0);
  });
});

describe('forwarding targets', () => {
  it.each([
    ['localhost:80', { host: 'localhost', port: 80 }],
    ['[2001:db8::1]:443', { host: '2001:db8::1', port: 443 }],
    ['*:*', { host: '*', port: '*' }],
    [':80', { host: '', port: 80 }],
  ])('%s', (text, expected) => {
    expect(parseForwardTarget('permitopen', text)).toEqual(expected);
  });

  it.each([
    'localhost',
    'localhost:',
    'localhost:x',
    'localhost:-1',
    'localhost:1e3',
    '2001:db8::1:443',
    '[::1]',
    '[::1:80',
    'a/b:80',
    `${'a'.repeat(2000)}:1`,
  ])('%s is none', (text) => {
    expect(codeOf(() => parseForwardTarget('permitopen', text))).toBe('KEY_OPTION_INVALID');
  });
});

describe('expiry-time', () => {
  const zone = process.env['TZ'];
  afterEach(() => {
    if (zone === undefined) delete process.env['TZ'];
    else process.env['TZ'] = zone;
  });

  it.each([
    ['20300102Z', '2030-01-02T00:00:00Z'],
    ['20300102z', '2030-01-02T00:00:00Z'],
    ['20300102UTC', '2030-01-02T00:00:00Z'],
    ['203001021530Z', '2030-01-02T15:30:00Z'],
    ['20300102153059Z', '2030-01-02T15:30:59Z'],
    ['20280229Z', '2028-02-29T00:00:00Z'],
    ['20300102', '2030-01-01T16:00:00Z'],
    ['203007021530', '2030-07-02T07:30:00Z'],
  ])('%s in Shanghai is %s', (text, expected) => {
    process.env['TZ'] = 'Asia/Shanghai';
    expect(parseExpiryTime(text)).toBe(Date.parse(expected) / 1000);
  });

  it.each([
    '',
    '2030',
    '203001',
    '2030010',
    '2030-01-02',
    '20301301',
    '20300132',
    '20300230',
    '20300102Y',
    '2030010224',
    '203001022400',
    '203001021260',
    '20300102125960Z',
    '19691231Z',
    '00000101',
    '20300102ZZ',
    ' 20300102',
    '２０３００１０２',
  ])('%j is no time', (text) => {
    expect(codeOf(() => parseExpiryTime(text))).toBe('KEY_OPTION_INVALID');
  });
});
