import { describe, expect, it } from 'vitest';
import { listAgentKeys, signWithAgent } from '../../../src/auth/agent.ts';
import { listAgentIdentities } from '../../../src/auth/agent-identities.ts';
import { fingerprint } from '../../../src/auth/public-key.ts';
import { checkSignature, signMessage } from '../../../src/auth/signature.ts';
import { wireString, wireU32 } from '../../../src/auth/wire-writer.ts';
import { RexaError } from '../../../src/protocol/errors.ts';
import {
  FAILURE,
  frame,
  honestly,
  listReply,
  signReply,
  startAgent,
  startSshAgent,
} from '../../fixtures/auth/agents.ts';
import {
  codeOf,
  codeOfAsync,
  fixtureCertificate,
  fixtureKey,
  fixtureOffer,
  fixtureSecret,
  fixtureText,
  makeTestFolder,
  PLAIN_KEYS,
} from '../../fixtures/auth/fixtures.ts';

const MESSAGE = Buffer.from('sign this');
const KEY = fixtureOffer('ed25519');

/** Next to no patience where it is what is looked at; else enough of it for a busy machine. */
function patienceFor(code: string) {
  return code === 'AGENT_TIMEOUT' ? { listTimeoutMs: 20, signTimeoutMs: 20 } : {};
}

describe('the ssh-agent of OpenSSH', () => {
  it('lists its keys and certificates, and signs with each', async () => {
    const socketPath = await startSshAgent([
      ...PLAIN_KEYS.filter((key) => key !== 'ed25519').map((key) => ({ key })),
      { key: 'ed25519', certificate: 'forever' },
    ]);
    const { keys, problems } = await listAgentKeys(socketPath);
    expect(problems).toEqual([]);
    expect(
      keys.map(({ offered, comment }) => [offered.key.type, offered.certificate?.keyId, comment]),
    ).toEqual([
      ['ecdsa-sha2-nistp256', undefined, 'ecdsa256 of the tests'],
      ['ecdsa-sha2-nistp384', undefined, 'ecdsa384 of the tests'],
      ['ecdsa-sha2-nistp521', undefined, 'ecdsa521 of the tests'],
      ['ssh-rsa', undefined, 'rsa of the tests'],
      ['ssh-ed25519', undefined, 'ed25519 of the tests'],
      ['ssh-ed25519', 'forever', 'ed25519 of the tests'],
    ]);
    for (const { offered } of keys) {
      const signature = await signWithAgent(socketPath, offered, MESSAGE);
      expect(codeOf(() => checkSignature(offered.key, MESSAGE, signature))).toBeNull();
    }
  });

  it('refuses to sign with a key that it does not hold', async () => {
    const socketPath = await startSshAgent([{ key: 'ecdsa256' }]);
    expect(await codeOfAsync(() => signWithAgent(socketPath, KEY, MESSAGE))).toBe('AGENT_REFUSED');
  });

  it('has no keys at first', async () => {
    expect(await listAgentKeys(await startSshAgent([]))).toEqual({ keys: [], problems: [] });
  });
});

describe('an agent that cannot be used', () => {
  it.each([
    ['is not there', () => `${makeTestFolder()}/nothing`],
    ['has no path', () => ''],
    ['has a path with a NUL', () => 'a\0b'],
  ])('%s', async (_, makePath) => {
    expect(await codeOfAsync(() => listAgentKeys(makePath()))).toBe('AGENT_UNREACHABLE');
  });

  const garbage: readonly (readonly [string, Uint8Array | null | 'close', string])[] = [
    ['stalls', null, 'AGENT_TIMEOUT'],
    ['stalls within its answer', listReply([[KEY.blob, 'x']]).subarray(0, -1), 'AGENT_TIMEOUT'],
    ['stalls within the length of its answer', Buffer.of(0, 0), 'AGENT_TIMEOUT'],
    ['closes', 'close', 'AGENT_CLOSED'],
    ['refuses', FAILURE, 'AGENT_REFUSED'],
    ['answers something else', frame(Buffer.of(6)), 'AGENT_MALFORMED'],
    ['answers nothing', wireU32(0), 'AGENT_MALFORMED'],
    ['announces 4 GiB', Buffer.of(255, 255, 255, 255), 'AGENT_MALFORMED'],
    ['announces more than is taken', wireU32(256 * 1024 + 1), 'AGENT_MALFORMED'],
    ['sends more than it announced', Buffer.concat([FAILURE, Buffer.of(0)]), 'AGENT_MALFORMED'],
    ['speaks HTTP', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'), 'AGENT_MALFORMED'],
  ];

  it.each(garbage)('%s when it is asked for its keys', async (_, answer, code) => {
    const socketPath = await startAgent((_type, _body, socket) => {
      if (answer === 'close') socket.end();
      return answer === 'close' ? null : answer;
    });
    const error = await listAgentKeys(socketPath, patienceFor(code)).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(RexaError);
    expect(error).toMatchObject({ code, message: expect.stringContaining(socketPath) });
  });

  it.each(garbage)('%s when it is asked to sign', async (_, answer, code) => {
    const socketPath = await startAgent((_type, _body, socket) => {
      if (answer === 'close') socket.end();
      return answer === 'close' ? null : answer;
    });
    expect(await codeOfAsync(() => signWithAgent(socketPath, KEY, MESSAGE, patienceFor(code)))).toBe(code);
  });

  it.each([
    [
      'a list that announces more keys than it has',
      frame(Buffer.of(12), wireU32(2), wireString(KEY.blob), wireString('')),
    ],
    ['a list that announces 4 billion keys', frame(Buffer.of(12), wireU32(0xffff_ffff))],
    ['a list of more keys than are taken', frame(Buffer.of(12), wireU32(2049), Buffer.alloc(2049 * 8))],
    ['a list with something behind it', frame(Buffer.of(12), wireU32(0), Buffer.of(0))],
    ['a list without its count', frame(Buffer.of(12))],
  ])('gives %s', async (_, answer) => {
    const socketPath = await startAgent(() => answer);
    expect(await codeOfAsync(() => listAgentKeys(socketPath))).toBe('AGENT_MALFORMED');
  });

  it('gives a signature that is cut', async () => {
    const socketPath = await startAgent(() => frame(Buffer.of(14), wireU32(8), Buffer.of(1)));
    expect(await codeOfAsync(() => signWithAgent(socketPath, KEY, MESSAGE))).toBe('AGENT_MALFORMED');
  });
});

describe('an agent that lies', () => {
  it.each([
    ['signs with another key', async () => signMessage(await fixtureSecret('authority'), MESSAGE)],
    ['signs with a key of another type', async () => signMessage(await fixtureSecret('rsa'), MESSAGE)],
    [
      'signs something else',
      async () => signMessage(await fixtureSecret('ed25519'), Buffer.from('sign that')),
    ],
    ['gives no signature', async () => Buffer.alloc(0)],
    ['gives noise', async () => Buffer.concat([wireString('ssh-ed25519'), wireString(Buffer.alloc(64, 7))])],
  ])('is found out when it %s', async (_, makeSignature) => {
    const signature = await makeSignature();
    const socketPath = await startAgent(() => signReply(signature));
    const error = await signWithAgent(socketPath, KEY, MESSAGE).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: 'AGENT_LIED',
      message: expect.stringContaining(fingerprint(KEY.key)),
    });
  });

  it('is found out when it signs with SHA-1 what should be SHA-512', async () => {
    const rsa = fixtureOffer('rsa');
    const signature = Buffer.concat([wireString('ssh-rsa'), wireString(Buffer.alloc(256, 1))]);
    const socketPath = await startAgent(() => signReply(signature));
    expect(await codeOfAsync(() => signWithAgent(socketPath, rsa, MESSAGE))).toBe('AGENT_LIED');
  });
});

describe('what an agent holds', () => {
  it('is used in part when a part of it is not known or damaged', async () => {
    const socketPath = await startAgent(() =>
      listReply([
        [wireString('ssh-unheard-of'), 'new'],
        [KEY.blob.subarray(0, 20), 'cut'],
        [fixtureKey('ecdsa256').blob, 'good'],
        [fixtureCertificate('forever').blob, 'certified'],
        [Buffer.from(fixtureText('keys/rsa1024.pub').split(' ')[1] ?? '', 'base64'), 'weak'],
      ]),
    );
    const { keys, problems } = await listAgentKeys(socketPath);
    expect(keys.map(({ comment }) => comment)).toEqual(['good', 'certified']);
    expect(problems.map(({ code }) => code)).toEqual(['KEY_UNSUPPORTED', 'KEY_MALFORMED', 'KEY_UNSUPPORTED']);
  });

  it('is asked for by rsa-sha2-512, and for other keys without flags', async () => {
    const flags: number[] = [];
    const socketPath = await startAgent((_type, body) => {
      flags.push(body.readUInt32BE(body.length - 4));
      return FAILURE;
    });
    for (const name of ['rsa', 'ed25519'])
      await codeOfAsync(() => signWithAgent(socketPath, fixtureOffer(name), MESSAGE));
    expect(flags).toEqual([4, 0]);
  });

  it('is understood byte by byte', async () => {
    const reply = listReply([[KEY.blob, 'slow']]);
    const socketPath = await startAgent((_type, _body, socket) => {
      socket.setNoDelay(true);
      let sent = 0;
      const sendNext = () => {
        if (sent < reply.length) socket.write(reply.subarray(sent, ++sent), sendNext);
      };
      sendNext();
      return null;
    });
    const { keys } = await listAgentKeys(socketPath);
    expect(keys.map(({ comment }) => comment)).toEqual(['slow']);
  });

  it('is shown with comments that cannot act on a terminal', async () => {
    const socketPath = await startAgent(() => listReply([[wireString('ssh-new'), '\u001b[2Jevil']]));
    const { problems } = await listAgentKeys(socketPath);
    expect(problems[0]?.message).toMatch(/\\x1b\[2Jevil/);
  });
});

describe('an identity of an agent', () => {
  it('tells whether the agent lies, refuses, stalls or closes, and signs where it is honest', async () => {
    const secrets = await Promise.all(
      ['ecdsa256', 'ecdsa384', 'rsa', 'authority', 'ed25519'].map(fixtureSecret),
    );
    const honest = honestly(secrets);
    const lie = signMessage(await fixtureSecret('ecdsa256'), Buffer.from('x'));
    const socketPath = await startAgent((type, body, socket) => {
      if (type === 11) return honest(type, body, socket);
      if (body.includes('nistp256')) return signReply(lie);
      if (body.includes('nistp384')) return FAILURE;
      if (body.includes('ssh-rsa')) return null;
      if (!body.includes(fixtureKey('authority').blob)) return honest(type, body, socket);
      socket.destroy();
      return null;
    });
    const { identities } = await listAgentIdentities(socketPath, { signTimeoutMs: 1000 });
    const codes: (string | null)[] = [];
    for (const identity of identities)
      codes.push(await codeOfAsync(() => identity.sign(Buffer.from('data'))));
    expect(codes).toEqual(['AGENT_LIED', 'AGENT_REFUSED', 'AGENT_TIMEOUT', 'AGENT_CLOSED', null]);
  });
});
