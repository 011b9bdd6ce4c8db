import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/protocol/control.ts';
import { answerHello, clientHello, readDaemonHello } from '../../../src/protocol/hello.ts';
import { codeOf } from '../../fixtures/protocol/error-code.ts';

const REXA = { role: 'client', agent: 'rexa/1' } as const;
const REXAD = { role: 'daemon', agent: 'rexad/1', encoding: 'utf8' } as const;
const LINK = { id: '0'.repeat(32), epoch: 1, secret: 'f'.repeat(64) };
const CLIENT: JsonObject = { protocol: [1, 1], agent: 'rexa/9', features: [] };
const DAEMON: JsonObject = { protocol: 1, agent: 'rexad/9', features: [], encoding: 'gbk' };

describe('the hello', () => {
  it('of a client is understood by a daemon, and the answer by the client', () => {
    const { peer, answer } = answerHello(clientHello(REXA), {
      ...REXAD,
      encoding: 'big5',
      hostKeys: ['a', 'b'],
    });
    expect(peer).toEqual({
      protocol: 1,
      agent: 'rexa/1',
      features: ['bytes', 'stdio', 'agent', 'lasting'],
      encoding: null,
      hostKeys: [],
    });
    expect(readDaemonHello(answer, REXA)).toEqual({
      protocol: 1,
      agent: 'rexad/1',
      features: ['bytes', 'stdio', 'agent', 'lasting'],
      encoding: 'big5',
      hostKeys: ['a', 'b'],
    });
  });

  it('holds only the features that stand in both lists', () => {
    const { peer } = answerHello({ ...CLIENT, features: ['resume', 'x'] }, REXAD);
    expect(peer.features).toEqual([]);
    const resuming = { ...REXAD, resumes: true };
    expect(answerHello({ ...CLIENT, features: ['resume', 'x'] }, resuming).peer.features).toEqual(['resume']);
    expect(readDaemonHello({ ...DAEMON, features: ['resume'] }, REXA).features).toEqual([]);
    expect(readDaemonHello({ ...DAEMON, features: ['resume'] }, { ...REXA, link: LINK }).features).toEqual([
      'resume',
    ]);
  });

  it('tells which link a connection is for, where both sides can resume one', () => {
    const hello = clientHello({ ...REXA, link: LINK });
    expect(answerHello(hello, { ...REXAD, resumes: true }).link).toEqual(LINK);
    expect(answerHello(hello, REXAD).link).toBe(null);
    expect(answerHello({ ...hello, features: [] }, { ...REXAD, resumes: true }).link).toBe(null);
  });

  it.each([
    ['an id that is no hex', { id: 'x'.repeat(32) }],
    ['an id that is too short', { id: '0'.repeat(31) }],
    ['a secret that is too long', { secret: '0'.repeat(65) }],
    ['no epoch', { epoch: undefined }],
    ['epoch 0', { epoch: 0 }],
  ])('is refused for a link with %s', (_name, change) => {
    const action = () => answerHello({ ...CLIENT, link: { ...LINK, ...change } }, REXAD);
    expect(codeOf(action)).toBe('CONTROL_WRONG_SHAPE');
  });

  it('may have fields that nobody knows', () => {
    expect(answerHello({ ...CLIENT, colour: 'red' }, REXAD).peer.agent).toBe('rexa/9');
    expect(readDaemonHello({ ...DAEMON, colour: 'red' }, REXA).agent).toBe('rexad/9');
  });

  it('of a client that knows more versions gets the one that both know', () => {
    expect(answerHello({ ...CLIENT, protocol: [1, 7] }, REXAD).answer['protocol']).toBe(1);
  });

  it.each([
    ['a newer client', () => answerHello({ ...CLIENT, protocol: [2, 3] }, REXAD), '2-3'],
    ['an older client', () => answerHello({ ...CLIENT, protocol: [0, 0] }, REXAD), '0-0'],
    ['a newer daemon', () => readDaemonHello({ ...DAEMON, protocol: 2 }, REXA), '2'],
  ])('of %s is a mismatch that names both versions and agents', (_name, action, range) => {
    expect(codeOf(action)).toBe('PROTOCOL_MISMATCH');
    expect(action).toThrow(range);
    expect(action).toThrow('1-1');
    expect(action).toThrow(/rexad?\/9/);
    expect(action).toThrow(/rexad?\/1/);
  });

  it.each([
    ['no protocol', { protocol: undefined }],
    ['one version instead of a range', { protocol: 1 }],
    ['three versions', { protocol: [1, 1, 1] }],
    ['a fraction', { protocol: [1, 1.5] }],
    ['a negative version', { protocol: [-1, 1] }],
    ['an infinite version', { protocol: [1, 1e300] }],
    ['words for versions', { protocol: ['1', '1'] }],
    ['no agent', { agent: undefined }],
    ['an agent without end', { agent: 'a'.repeat(201) }],
    ['no features', { features: undefined }],
    ['a feature that is no name', { features: [1] }],
    ['features without end', { features: Array.from({ length: 65 }, () => 'f') }],
    ['a feature without end', { features: ['f'.repeat(65)] }],
  ])('of a client is refused for %s', (_name, change) => {
    expect(codeOf(() => answerHello({ ...CLIENT, ...change }, REXAD))).toBe('CONTROL_WRONG_SHAPE');
  });

  it.each([
    ['a range instead of a version', { protocol: [1, 1] }],
    ['no encoding', { encoding: undefined }],
    ['a key of its host that is no text', { hostKeys: [1] }],
    ['too many keys of its host', { hostKeys: Array.from({ length: 17 }, String) }],
    ['an encoding without end', { encoding: 'e'.repeat(65) }],
    ['no agent', { agent: 7 }],
  ])('of a daemon is refused for %s', (_name, change) => {
    expect(codeOf(() => readDaemonHello({ ...DAEMON, ...change }, REXA))).toBe('CONTROL_WRONG_SHAPE');
  });
});
