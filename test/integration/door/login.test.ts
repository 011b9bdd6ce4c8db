import { readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeProofMessage } from '../../../src/auth/proof.ts';
import { fingerprint } from '../../../src/auth/public-key.ts';
import {
  fixtureKey,
  fixturePath,
  fixtureSecret,
  makeTestFolder,
  PLAIN_KEYS,
  runTool,
} from '../../fixtures/auth/fixtures.ts';
import { frame } from '../../fixtures/raw-peer.ts';
import { startTlsDaemon } from '../../fixtures/tls-daemon.ts';
import { base64, connectTls, helloWith, proveLogin } from '../../fixtures/tls-peer.ts';
import { publicLine, readAnswer, runOverTls, runRequest } from '../../fixtures/tls-run.ts';

describe('a login over TLS', () => {
  it.each(PLAIN_KEYS)(
    'with a key of type %s and a request in the same flight runs a command',
    async (name) => {
      await using daemon = await startTlsDaemon({ lines: [publicLine(name)] });
      expect(await runOverTls(daemon.port, await fixtureSecret(name))).toMatchObject({
        stdout: 'in\n',
        outcome: 'exited 0',
      });
    },
  );

  it('by offers proves the one that the daemon chose', async () => {
    await using daemon = await startTlsDaemon({ lines: [publicLine('rsa')] });
    const peer = await connectTls(daemon.port);
    const offers = ['ed25519', 'ecdsa256', 'rsa', 'ecdsa384'];
    const blobs = offers.map((name) => base64(fixtureKey(name).blob));
    peer.send(helloWith({ account: '', offers: blobs }));
    const choice = await peer.next();
    expect([choice?.type, choice?.payload.toString()]).toEqual([0x05, '{"offer":2}']);
    const { proof } = await proveLogin(peer, await fixtureSecret('rsa'));
    peer.send(frame(0x06, 0, { proof }));
    expect((await peer.next())?.type).toBe(0x01);
    peer.send(runRequest(['echo', 'chosen']));
    expect(await readAnswer(peer)).toMatchObject({ stdout: 'chosen\n' });
  });

  it.each([
    ['nobody in particular', '', 'exited 0'],
    ["the daemon's own user", userInfo().username, 'exited 0'],
    ['somebody else', 'nobody-of-that-name', 'LOGIN_REFUSED'],
  ])('that asks for %s (%j): %s', async (_what, account, outcome) => {
    await using daemon = await startTlsDaemon({ lines: [publicLine('ed25519')] });
    const answer = await runOverTls(daemon.port, await fixtureSecret('ed25519'), undefined, { account });
    expect(answer.outcome).toBe(outcome);
  });

  it('is refused by a reference alone, under which the log tells who it was and why', async () => {
    await using daemon = await startTlsDaemon({ lines: [publicLine('rsa')] });
    const { outcome, message } = await runOverTls(daemon.port, await fixtureSecret('ed25519'));
    const [reference = ''] = /[0-9a-f]{12}/.exec(message) ?? [];
    expect([outcome, message.replace(reference, '…')]).toEqual([
      'LOGIN_REFUSED',
      "Permission denied (publickey); the reason is in the daemon's log under reference …",
    ]);
    await daemon.untilLogged(reference);
    const lines = daemon.log().split('\n');
    expect(JSON.parse(lines.find((each) => each.includes(reference)) ?? '{}')).toMatchObject({
      msg: 'connection refused',
      source: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      account: '',
      fingerprints: [expect.stringMatching(/^SHA256:/)],
      reason: [expect.stringContaining('no line of authorized_keys has')],
    });
  });

  it('has the fingerprints of its keys in the log also when it asks for another user', async () => {
    await using daemon = await startTlsDaemon({ lines: [publicLine('ed25519')] });
    const key = await fixtureSecret('ed25519');
    const { message } = await runOverTls(daemon.port, key, undefined, { account: 'nobody-of-that-name' });
    const [reference = ''] = /[0-9a-f]{12}/.exec(message) ?? [];
    await daemon.untilLogged(reference);
    const lines = daemon.log().split('\n');
    expect(JSON.parse(lines.find((each) => each.includes(reference)) ?? '{}')).toMatchObject({
      account: 'nobody-of-that-name',
      fingerprints: [fingerprint(key.publicKey)],
    });
  });

  it.each(['pretty', 'json'])('is told in a log (%s) that nothing in a name can act on', async (format) => {
    await using daemon = await startTlsDaemon({
      lines: [publicLine('rsa')],
      words: ['--log-format', format],
      own: ['log-format'],
    });
    const account = '\u009b31m\u202eroot\u001b[2J\n\u{e0001}';
    await runOverTls(daemon.port, await fixtureSecret('ed25519'), undefined, { account });
    await daemon.untilLogged('root');
    expect(daemon.log().replaceAll(/[\n\x20-\x7e]/g, '')).toBe('');
  });

  it('leaves one line in the audit for itself and one for each command, with fingerprint and source', async () => {
    const folder = makeTestFolder();
    const audit = join(folder, 'audit.jsonl');
    await using daemon = await startTlsDaemon({
      lines: [publicLine('ed25519')],
      words: ['--audit', audit],
    });
    await runOverTls(daemon.port, await fixtureSecret('ed25519'));
    await daemon.stop();
    const told = readFileSync(audit, 'utf8').trimEnd().split('\n');
    const who = {
      fingerprint: expect.stringMatching(/^SHA256:/),
      comment: expect.any(String),
      source: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
    };
    expect(told.map((line) => JSON.parse(line) as object)).toMatchObject([
      { event: 'connection accepted', ...who, where: `${daemon.keysFile}:1` },
      { event: 'run-started', ...who, command: { argv: ['echo', 'in'] } },
      { event: 'run-ended', ...who, outcome: 'exited', command: { argv: ['echo', 'in'] } },
    ]);
  });

  it('says at the start where it is, and loudly that sshd_config is not read', async () => {
    await using daemon = await startTlsDaemon();
    expect(daemon.listening[1]).toEqual({
      url: `tls://127.0.0.1:${daemon.port}`,
      fingerprint: expect.stringMatching(/^SHA256:[A-Za-z0-9+/]{43}$/),
    });
    await daemon.untilLogged('sshd_config is NOT read');
    expect(daemon.log()).toMatch(/"level":"warn".*sshd_config is NOT read: AllowUsers.*ForceCommand/);
  });

  it('is possible over IPv6', async () => {
    await using daemon = await startTlsDaemon({
      lines: [publicLine('ed25519')],
      host: '[::1]',
    });
    expect(daemon.listening[1]?.url).toBe(`tls://[::1]:${daemon.port}`);
    const peer = await connectTls(daemon.port, { host: '::1' });
    peer.send(
      helloWith(await proveLogin(peer, await fixtureSecret('ed25519'))),
      runRequest({ line: 'echo "$SSH_CLIENT"' }, { sshVariables: true }),
    );
    expect((await readAnswer(peer)).stdout).toMatch(/^::1 \d+ \d+\n$/);
  });
});

describe('a proof', () => {
  it('is what ssh-keygen -Y verify accepts', async () => {
    const folder = makeTestFolder();
    await using daemon = await startTlsDaemon();
    const peer = await connectTls(daemon.port);
    const secret = await fixtureSecret('ed25519');
    const { proof } = await proveLogin(peer, secret);
    const message = makeProofMessage({ ...peer.bound, account: '', publicKey: secret.publicKey.blob });
    peer.socket.destroy();
    writeFileSync(join(folder, 'signers'), `alice ${publicLine('ed25519')}\n`);
    const armored = proof.replaceAll(/.{70}/g, '$&\n');
    writeFileSync(
      join(folder, 'proof'),
      `-----BEGIN SSH SIGNATURE-----\n${armored}\n-----END SSH SIGNATURE-----\n`,
    );
    const words = ['-Y', 'verify', '-f', join(folder, 'signers'), '-I', 'alice', '-n', 'auth@rexa'];
    const verify = (input: Uint8Array) =>
      runTool('ssh-keygen', [...words, '-s', join(folder, 'proof')], { input });
    expect(verify(message)).toContain('Good "auth@rexa" signature for alice');
    expect(() => verify(Buffer.concat([message, Buffer.of(0)]))).toThrow('Command failed');
  });

  it('may be made by ssh-keygen -Y sign', async () => {
    const folder = makeTestFolder();
    await using daemon = await startTlsDaemon({ lines: [publicLine('ed25519')] });
    const peer = await connectTls(daemon.port);
    const { blob } = fixtureKey('ed25519');
    writeFileSync(join(folder, 'message'), makeProofMessage({ ...peer.bound, account: '', publicKey: blob }));
    writeFileSync(join(folder, 'key'), readFileSync(fixturePath('keys/ed25519')), { mode: 0o600 });
    runTool('ssh-keygen', [
      '-Y',
      'sign',
      '-n',
      'auth@rexa',
      '-f',
      join(folder, 'key'),
      join(folder, 'message'),
    ]);
    const proof = readFileSync(join(folder, 'message.sig'), 'utf8').replaceAll(/-----.*-----|\n/g, '');
    peer.send(helloWith({ account: '', key: base64(blob), proof }), runRequest(['echo', 'signed']));
    expect(await readAnswer(peer)).toMatchObject({ stdout: 'signed\n', outcome: 'exited 0' });
  });
});
