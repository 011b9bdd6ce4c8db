import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fingerprint } from '../../../../src/auth/public-key.ts';
import { connect } from '../../../../src/client/connect.ts';
import { FAILURE, honestly, startAgent, startSshAgent } from '../../../fixtures/auth/agents.ts';
import { fixtureKey, fixtureSecret, fixtureText, PASSPHRASE } from '../../../fixtures/auth/fixtures.ts';
import { startToyDaemon } from '../../../fixtures/tls/toy-daemon.ts';
import { makeUserHome, noteWords } from '../../../fixtures/tls/user-home.ts';

async function runTrue(address: string, options: Parameters<typeof connect>[1]): Promise<string> {
  await using host = await connect(address, { timeout: 3000, ...options });
  const { stdout } = await host.run('echo', ['a b']);
  return stdout;
}

describe('a login over TLS', () => {
  it('runs a command with a key of a file', async () => {
    const home = makeUserHome();
    const daemon = await startToyDaemon();
    await home.know(daemon);
    const identities = [home.addKey('ecdsa256')];
    expect(await runTrue(daemon.address, { identities })).toBe('{"argv":["echo","a b"]}\n');
    expect(daemon.seen).toEqual(['connection', 'right proof', 'run']);
  });

  it.each(['ed25519', 'ecdsa256', 'ecdsa384', 'ecdsa521', 'rsa'])(
    'works with a key of type %s',
    async (name) => {
      const home = makeUserHome();
      const daemon = await startToyDaemon({ admits: [name] });
      await home.know(daemon);
      await runTrue(daemon.address, { identities: [home.addKey(name)] });
      expect(daemon.seen).toContain('right proof');
    },
  );

  it.each(['ed25519', 'ecdsa256', 'rsa'])('works with a host key of type %s', async (hostKey) => {
    const home = makeUserHome();
    const daemon = await startToyDaemon({ hostKey });
    await home.know(daemon);
    await runTrue(daemon.address, { identities: [home.addKey('ecdsa256')] });
    expect(daemon.seen).toContain('right proof');
  });

  it('finds the usual files without being told', async () => {
    const home = makeUserHome();
    const daemon = await startToyDaemon();
    await home.know(daemon);
    home.addKey('ecdsa256', '.ssh/id_ecdsa');
    home.addKey('rsa', '.config/rexa/id_rsa');
    await runTrue(daemon.address, {});
    expect(daemon.seen).toEqual(['connection', '2 offers', 'right proof', 'run']);
  });

  it('offers many keys once, and proves the one that was let in at once the next time', async () => {
    const home = makeUserHome();
    const daemon = await startToyDaemon();
    await home.know(daemon);
    const identities = ['rsa', 'ecdsa256', 'ed25519'].map((name) => home.addKey(name));
    await runTrue(daemon.address, { identities });
    await runTrue(daemon.address, { identities });
    expect(daemon.seen).toEqual([
      'connection',
      '3 offers',
      'right proof',
      'run',
      'connection',
      'right proof',
      'run',
    ]);
  });

  it('forgets a remembered key that is refused, and offers the others on another connection', async () => {
    const home = makeUserHome();
    const first = await startToyDaemon({ admits: ['rsa'] });
    await home.know(first);
    const identities = ['rsa', 'ecdsa256', 'ed25519'].map((name) => home.addKey(name));
    await runTrue(first.address, { identities });
    await first.stop();
    const second = await startToyDaemon({ admits: ['ed25519'], port: first.port });
    await runTrue(second.address, { identities });
    expect(second.seen).toEqual([
      'connection',
      'wrong proof',
      'connection',
      '2 offers',
      'right proof',
      'run',
    ]);
    expect(fs.readFileSync(home.lastKeys, 'utf8')).toContain(fingerprint(fixtureKey('ed25519')));
  });

  it('asks for the account that was named', async () => {
    const home = makeUserHome();
    const daemon = await startToyDaemon();
    await home.know(daemon);
    await runTrue(daemon.address, { identities: [home.addKey('ecdsa256')], user: 'alice' });
    expect(daemon.seen).toContain('right proof as alice');
  });

  it.each([
    ['the only key is refused', ['rsa'], ['connection', 'wrong proof']],
    ['none of many is wanted', ['rsa', 'ed25519'], ['connection', '2 offers']],
  ])('is refused in the words of the daemon when %s', async (_what, names, seen) => {
    const home = makeUserHome();
    const daemon = await startToyDaemon();
    await home.know(daemon);
    const identities = names.map((name) => home.addKey(name));
    await expect(runTrue(daemon.address, { identities })).rejects.toMatchObject({
      code: 'DENIED',
      message: expect.stringMatching(/LOGIN_REFUSED/) as string,
    });
    expect(daemon.seen).toEqual(seen);
  });

  it('says that there is no key, and where it looked', async () => {
    makeUserHome();
    const daemon = await startToyDaemon();
    const options = { acceptNew: true };
    await expect(runTrue(daemon.address, options)).rejects.toMatchObject({
      code: 'LOGIN_NO_KEY',
      message: expect.stringMatching(/no ssh-agent.*id_ed25519/) as string,
    });
    expect(daemon.seen).toEqual(['connection']);
  });

  it('signs with the agent, and offers its keys before files', async () => {
    const home = makeUserHome();
    const daemon = await startToyDaemon({ admits: ['rsa', 'ecdsa256'] });
    await home.know(daemon);
    const agent = await startAgent(honestly([await fixtureSecret('rsa')]));
    home.addKey('ecdsa256', '.ssh/id_ecdsa');
    const { options, logged } = noteWords({ agent });
    await runTrue(daemon.address, options);
    expect(logged.join('\n')).toContain(
      `logged in with ssh-rsa ${fingerprint(fixtureKey('rsa'))} (ssh-agent)`,
    );
  });

  it('signs with the ssh-agent of OpenSSH, by any of its keys, and by a certificate that it holds', async () => {
    const home = makeUserHome();
    const daemon = await startToyDaemon({ admits: ['ed25519'] });
    await home.know(daemon);
    const agent = await startSshAgent([
      { key: 'rsa' },
      { key: 'ecdsa384' },
      { key: 'ed25519', certificate: 'ed25519' },
    ]);
    const { options, logged } = noteWords({ agent });
    await runTrue(daemon.address, options);
    expect(daemon.seen).toEqual(['connection', '4 offers', 'right proof', 'run']);
    expect(logged.join('\n')).toContain('logged in with ssh-ed25519 ');
    for (const name of ['rsa', 'ecdsa384']) {
      const other = await startToyDaemon({ admits: [name] });
      await home.know(other);
      await runTrue(other.address, { agent });
      expect(other.seen).toContain('right proof');
    }
  });

  it('offers the certificate beside a key file before the key itself', async () => {
    const home = makeUserHome();
    const daemon = await startToyDaemon({ admits: ['ed25519'] });
    await home.know(daemon);
    const file = home.addKey('ed25519');
    fs.writeFileSync(`${file}-cert.pub`, fixtureText('certificates/ed25519'));
    const { options, logged } = noteWords({ identities: [file] });
    await runTrue(daemon.address, options);
    expect(daemon.seen).toContain('2 offers');
    expect(logged.join('\n')).toContain('logged in with ssh-ed25519 certificate');
  });

  it('has the agent sign for a file that is named, and offers none of its other keys', async () => {
    const home = makeUserHome();
    const daemon = await startToyDaemon({ admits: ['rsa', 'ed25519'] });
    await home.know(daemon);
    const agent = await startAgent(honestly([await fixtureSecret('rsa'), await fixtureSecret('ed25519')]));
    const { options, logged } = noteWords({ agent, identities: [home.addKey('ed25519.locked', '.ssh/k')] });
    fs.writeFileSync(`${home.folder}/.ssh/k.pub`, '');
    await expect(runTrue(daemon.address, options)).rejects.toMatchObject({ code: 'LOGIN_NO_KEY' });
    const named = noteWords({ agent, identities: [home.addKey('ed25519', '.ssh/plain')] });
    await runTrue(daemon.address, named.options);
    expect(named.logged.join('\n')).toContain('(ssh-agent)');
    expect(logged.join('\n')).not.toContain('offering');
  });

  it.each([
    ['the usual files', undefined, true, ['id_ed25519']],
    ['the named file', ['named'], true, ['named']],
    ['the named file, then the other keys of the agent', ['named'], false, ['named', 'agent']],
  ])('offers %s where it is said so (%j, only them: %s)', async (_what, files, identitiesOnly, offered) => {
    const home = makeUserHome();
    const daemon = await startToyDaemon({ admits: [] });
    await home.know(daemon);
    const agent = await startAgent(honestly([await fixtureSecret('rsa'), await fixtureSecret('ecdsa384')]));
    home.addKey('ed25519', '.ssh/id_ed25519');
    const named = home.addKey('ecdsa256', '.ssh/named');
    const identities = files === undefined ? {} : { identities: [named] };
    const { options } = noteWords({ agent, identitiesOnly, ...identities });
    await expect(runTrue(daemon.address, options)).rejects.toMatchObject({ code: 'DENIED' });
    const count = offered.includes('agent') ? '3 offers' : 'wrong proof';
    expect(daemon.seen).toEqual(['connection', count]);
  });

  it.each([['refuses to sign', (type: number) => (type === 11 ? null : FAILURE), 'refused to sign']])(
    'goes on with a file when the agent %s',
    async (_what, act, said) => {
      const home = makeUserHome();
      const daemon = await startToyDaemon({ admits: ['rsa', 'ecdsa256'] });
      await home.know(daemon);
      const honest = honestly([await fixtureSecret('rsa')]);
      const agent = await startAgent((type, body, socket) => act(type) ?? honest(type, body, socket));
      home.addKey('ecdsa256', '.ssh/id_ecdsa');
      const { options, warned } = noteWords({ agent });
      await runTrue(daemon.address, options);
      expect(warned.join('\n')).toContain(said);
      expect(daemon.seen.filter((line) => line !== 'connection')).toEqual(['2 offers', 'right proof', 'run']);
    },
  );

  it('asks for the passphrase of a locked key while there is no connection, and only when the daemon wants it', async () => {
    const home = makeUserHome();
    const daemon = await startToyDaemon({ admits: ['ed25519.locked'] });
    await home.know(daemon);
    const locked = home.addKey('ed25519.locked');
    const asked: unknown[] = [];
    const passphrase = async (question: object) => {
      asked.push(question, ...daemon.seen);
      return asked.length > 4 ? PASSPHRASE : 'wrong';
    };
    const { options, warned } = noteWords({ passphrase, identities: [home.addKey('rsa'), locked] });
    await runTrue(daemon.address, options);
    expect(asked).toEqual([
      { file: locked, attempt: 1 },
      'connection',
      '2 offers',
      { file: locked, attempt: 2 },
      'connection',
      '2 offers',
    ]);
    expect(warned.join()).toContain('wrong passphrase for');
    expect(daemon.seen).toEqual(['connection', '2 offers', 'connection', 'right proof', 'run']);
  });

  it('asks for it before the first connection when that key was let in before', async () => {
    const home = makeUserHome();
    const daemon = await startToyDaemon({ admits: ['ed25519.locked'] });
    await home.know(daemon);
    const identities = [home.addKey('ed25519.locked'), home.addKey('rsa')];
    await runTrue(daemon.address, { identities, passphrase: PASSPHRASE });
    const before = daemon.seen.length;
    await runTrue(daemon.address, { identities, passphrase: PASSPHRASE });
    expect(daemon.seen.slice(before).filter((line) => line !== 'connection')).toEqual(['right proof', 'run']);
  });

  it('passes a locked key over where nobody can be asked, and says so', async () => {
    const home = makeUserHome();
    const daemon = await startToyDaemon({ admits: ['ed25519.locked', 'rsa'] });
    await home.know(daemon);
    const { options, warned } = noteWords({
      identities: [home.addKey('ed25519.locked'), home.addKey('rsa')],
    });
    await runTrue(daemon.address, options);
    expect(warned.join()).toMatch(/ed25519.locked was skipped/);
  });

  it('gives a locked key up after three wrong passphrases', async () => {
    const home = makeUserHome();
    const daemon = await startToyDaemon({ admits: ['ed25519.locked'] });
    await home.know(daemon);
    let count = 0;
    const passphrase = () => `wrong ${++count}`;
    const identities = [home.addKey('ed25519.locked')];
    await expect(runTrue(daemon.address, { identities, passphrase })).rejects.toMatchObject({
      code: 'LOGIN_NO_KEY',
    });
    expect(count).toBe(3);
  });
});
