import { describe, expect, it } from 'vitest';
import { readRelayNote } from '../../../src/protocol/relay.ts';
import { codeOf } from '../../fixtures/auth/fixtures.ts';
import { frame } from '../../fixtures/framing/frames.ts';
import {
  CLIENT_HELLO,
  createLinkMachine,
  DAEMON_GREETING,
  feed,
  type MachineEnd,
} from '../../fixtures/protocol/machine-pair.ts';

const NOTE = { rights: 'restrict', provenance: { SSH_CONNECTION: '192.0.2.1 1 192.0.2.2 22' } } as const;
const RELAY = frame(0x0c, 0, JSON.stringify(NOTE));

function createDaemon(takesRelays: boolean): MachineEnd {
  return { machine: createLinkMachine({ ...DAEMON_GREETING, takesRelays }, 0), events: [] };
}

describe('a relay', () => {
  it('is told of before the client that it speaks for', () => {
    const daemon = createDaemon(true);
    feed(daemon, RELAY, CLIENT_HELLO);
    expect(daemon.events).toMatchObject([{ kind: 'relayed', note: NOTE }, { kind: 'greeted' }]);
  });

  it.each([
    ['where none is taken', false, [RELAY, CLIENT_HELLO]],
    ['twice, so that a client changes nothing of what its relay said', true, [RELAY, RELAY]],
    ['behind the hello', true, [CLIENT_HELLO, RELAY]],
  ])('is refused %s', (_when, takesRelays, frames) => {
    const daemon = createDaemon(takesRelays);
    feed(daemon, ...frames);
    expect(daemon.events.at(-1)).toMatchObject({
      kind: 'ended',
      end: { kind: 'failed', error: { code: 'FRAME_MISPLACED' } },
    });
  });

  it.each([
    ['without rights', { provenance: {} }],
    ['with rights that nobody knows', { rights: 'some', provenance: {} }],
    ['with a list for its provenance', { rights: 'full', provenance: [] }],
    ['with a number in it', { rights: 'full', provenance: { A: 1 } }],
    ['with a text that is too long', { rights: 'full', provenance: { A: 'x'.repeat(1025) } }],
  ])('is refused %s', (_what, note) => {
    expect(codeOf(() => readRelayNote(note))).toBe('CONTROL_WRONG_SHAPE');
  });
});
