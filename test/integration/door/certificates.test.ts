import { writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeTestFolder } from '../../fixtures/auth/fixtures.ts';
import { makeSshKeys, type SshKeys } from '../../fixtures/ssh-keys.ts';
import { startTlsDaemon } from '../../fixtures/tls-daemon.ts';
import { type Answer, runOverTls, runRequest } from '../../fixtures/tls-run.ts';

const ME = userInfo().username;

interface Case {
  /** Words of ssh-keygen that sign the user's key. */
  readonly words: readonly string[];
  /** Options before the authority in authorized_keys. */
  readonly options?: string;
  readonly revoke?: 'key' | 'certificate' | 'authority' | 'serial';
  readonly request?: Buffer;
  /** What the daemon's log has to say of it. */
  readonly logged?: string;
}

/** What a certificate of a real ssh-keygen comes to. */
async function logInWith({
  words,
  options = 'cert-authority',
  revoke,
  request,
  logged,
}: Case): Promise<Answer> {
  const keys = makeSshKeys(makeTestFolder());
  for (const name of ['authority', 'user']) keys.make(name);
  const certificate = keys.certify('authority', 'user', words);
  await using daemon = await startTlsDaemon({
    lines: [`${options} ${keys.line('authority')}`],
    prepare: (home) => (revoke === undefined ? [] : ['--revoked-keys', makeRevoked(keys, revoke, home)]),
  });
  const publicKey = certificate.blob;
  const answer = await runOverTls(daemon.port, await keys.secret('user'), request, { publicKey });
  if (logged !== undefined) await daemon.untilLogged(logged);
  return answer;
}

/** A list of revoked keys that ssh-keygen makes, in this folder. */
function makeRevoked(keys: SshKeys, revoke: NonNullable<Case['revoke']>, folder: string): string {
  const revoked = join(folder, 'revoked');
  if (revoke === 'serial') {
    const serials = join(folder, 'serials');
    writeFileSync(serials, 'serial: 7\n');
    keys.keygen('-k', '-f', revoked, '-s', join(keys.folder, 'authority.pub'), serials);
  } else {
    const file = { key: 'user.pub', certificate: 'user-cert.pub', authority: 'authority.pub' }[revoke];
    keys.keygen('-k', '-f', revoked, join(keys.folder, file));
  }
  return revoked;
}

describe('a certificate', () => {
  it.each<[string, Case]>([
    ['for the user', { words: ['-n', ME] }],
    ['for one of many principals', { words: ['-n', `a,b,${ME}`] }],
    [
      'for a principal of the line',
      { words: ['-n', 'builders'], options: 'cert-authority,principals="x,builders"' },
    ],
    ['that is valid now', { words: ['-n', ME, '-V', '-1h:+1h'] }],
    ['from an address that it names', { words: ['-n', ME, '-O', 'source-address=127.0.0.0/8'] }],
    ['when another serial is revoked', { words: ['-n', ME, '-z', '8'], revoke: 'serial' }],
  ])('%s lets in', async (_what, given) => {
    expect(await logInWith(given)).toMatchObject({ stdout: 'in\n', outcome: 'exited 0' });
  });

  it.each<[string, Case, string]>([
    ['that has expired', { words: ['-n', ME, '-V', '-2h:-1h'] }, 'it has expired'],
    ['that is not valid yet', { words: ['-n', ME, '-V', '+1h:+2h'] }, 'it is not valid yet'],
    [
      'for somebody else',
      { words: ['-n', 'somebody-else'] },
      'none of its principals (somebody-else) is allowed here',
    ],
    ['without a principal', { words: [] }, 'it names no principal'],
    ['for a host', { words: ['-h', '-n', ME] }, 'it is for a host, not for a user'],
    [
      'from an address that it does not name',
      { words: ['-n', ME, '-O', 'source-address=10.0.0.0/8'] },
      'is not among',
    ],
    [
      'that demands what nobody knows',
      { words: ['-n', ME, '-O', 'critical:new@example.com=1'] },
      'which is not known here',
    ],
    ['that demands a verified user', { words: ['-n', ME, '-O', 'verify-required'] }, 'verified its user'],
    [
      'whose authority is a plain line',
      { words: ['-n', ME], options: 'no-pty' },
      'not marked cert-authority',
    ],
    [
      'that forces another command than its line',
      { words: ['-n', ME, '-O', 'force-command=a'], options: 'cert-authority,command="b"' },
      'force different commands',
    ],
    ['whose key is revoked', { words: ['-n', ME], revoke: 'key' }, 'is refused'],
    ['that is revoked', { words: ['-n', ME, '-z', '7'], revoke: 'certificate' }, 'is refused'],
    ['whose serial is revoked', { words: ['-n', ME, '-z', '7'], revoke: 'serial' }, 'is refused'],
    ['whose authority is revoked', { words: ['-n', ME], revoke: 'authority' }, 'is refused'],
  ])('%s is refused, and the log says why', async (_what, given, reason) => {
    expect((await logInWith({ ...given, logged: reason })).outcome).toBe('LOGIN_REFUSED');
  });

  it('that forces a command runs that', async () => {
    const given = { words: ['-n', ME, '-O', 'force-command=echo forced'] };
    expect(await logInWith(given)).toMatchObject({ stdout: 'forced\n', outcome: 'exited 0' });
  });

  it.each([
    [['-O', 'clear'], 'ENVIRONMENT_REFUSED'],
    [[], 'exited 0'],
  ])('made with %j is bound accordingly: %s', async (words, outcome) => {
    const request = runRequest(['true'], { env: { FOO: 'x' } });
    expect((await logInWith({ words: ['-n', ME, ...words], request })).outcome).toBe(outcome);
  });
});

describe('the key of an authority', () => {
  it('is no key to log in with', async () => {
    const keys = makeSshKeys(makeTestFolder());
    keys.make('authority');
    await using daemon = await startTlsDaemon({ lines: [`cert-authority ${keys.line('authority')}`] });
    expect((await runOverTls(daemon.port, await keys.secret('authority'))).outcome).toBe('LOGIN_REFUSED');
    await daemon.untilLogged('it is an authority for certificates there, and no key to log in with');
  });
});
