import { describe, expect, it } from 'vitest';
import { connect } from '../../../src/client/index.ts';
import { startDaemon } from '../../fixtures/daemon.ts';
import { connectRaw, frame, HELLO } from '../../fixtures/raw-peer.ts';

const TRIES = 200;
const FLOOD = Buffer.alloc(1 << 20, 'flood');

describe('last words', () => {
  it(`reach a peer that is still sending, ${TRIES} of ${TRIES} times`, async () => {
    await using daemon = await startDaemon();
    const codes = new Map<string | null, number>();
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const peer = await connectRaw(daemon.socketPath);
      peer.send(HELLO, frame(0x7f, 1, 'no such frame'), FLOOD);
      const code = await peer.goawayCode();
      codes.set(code, (codes.get(code) ?? 0) + 1);
      peer.socket.destroy();
    }
    expect([...codes]).toEqual([['FRAME_UNKNOWN', TRIES]]);
  });

  it(`reach a client whose request is refused while it streams its stdin, ${TRIES} of ${TRIES} times`, async () => {
    await using daemon = await startDaemon();
    const codes = new Map<string | null, number>();
    for (let attempt = 0; attempt < TRIES; attempt++) {
      await using host = await connect(daemon.address);
      const { code } = await host.run('/no/such/program', [], { input: FLOOD, reject: false });
      codes.set(code, (codes.get(code) ?? 0) + 1);
    }
    expect([...codes]).toEqual([['FILE_NOT_FOUND', TRIES]]);
  });
});
