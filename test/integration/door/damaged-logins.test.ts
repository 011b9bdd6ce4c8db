import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PrivateKey } from '../../../src/auth/private-key.ts';
import { fixtureSecret } from '../../fixtures/auth/fixtures.ts';
import { recordClientHello } from '../../fixtures/client-hello.ts';
import type { Damage } from '../../fixtures/damaged-flight.ts';
import { logInDamaged } from '../../fixtures/damaged-login.ts';
import { startTlsDaemon, type TlsDaemon } from '../../fixtures/tls-daemon.ts';
import { publicLine, runOverTls } from '../../fixtures/tls-run.ts';

/** Which bit of each byte is flipped, and what the garbage is. */
const SEED = Number(process.env['REXA_SEED'] ?? 0);
/** Connections at once: as many as the door has slots would push each other out. */
const AT_ONCE = 16;
/** A record of TLS: type, version, length. */
const RECORD_HEADER_BYTES = 5;

let daemon: TlsDaemon;
let secret: PrivateKey;
let hello: Buffer;
let mark: string;

beforeAll(async () => {
  daemon = await startTlsDaemon({ lines: [publicLine('ed25519')] });
  secret = await fixtureSecret('ed25519');
  hello = await recordClientHello();
  mark = join(daemon.home, 'mark');
});
afterAll(() => daemon[Symbol.asyncDispose]());

const tryLogin = (damage: Damage, file = mark) => logInDamaged(daemon.port, secret, damage, ['touch', file]);

/** All that a client says until it is in. */
async function offsets(): Promise<number[]> {
  const { isIn, saidBytes } = await tryLogin({ kind: 'none' }, mark.replace(/mark$/, 'park'));
  expect(isIn).toBe(true);
  return Array.from({ length: saidBytes }, (_, offset) => offset);
}

async function inTurn<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const rest = [...items];
  const worker = async (): Promise<void> => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** The daemon is well, and has seen nothing that it took for a mistake of its own. */
async function expectWell(): Promise<void> {
  expect((await runOverTls(daemon.port, secret)).outcome).toBe('exited 0');
  expect(daemon.log()).not.toContain('"level":"error"');
}

/** A length that was made longer is waited for, ten seconds each. */
const PATIENCE_MS = 180_000;

describe('a login over a damaged wire', { timeout: PATIENCE_MS }, () => {
  it('is refused wherever it is cut', async () => {
    const letIn: number[] = [];
    await inTurn(await offsets(), async (offset) => {
      if ((await tryLogin({ kind: 'cut', offset })).isIn) letIn.push(offset);
    });
    expect([letIn, existsSync(mark)]).toEqual([[], false]);
    await expectWell();
  });

  it('is refused whichever bit is flipped, but for the version that TLS itself pays no heed to', async () => {
    const letIn: number[] = [];
    await inTurn(await offsets(), async (offset) => {
      const bit = createHash('sha256').update(`${SEED} ${offset}`).digest()[0] ?? 0;
      if ((await tryLogin({ kind: 'flip', offset, bit: bit % 8 })).isIn) letIn.push(offset);
    });
    // Before there are keys, the header of a record is not covered: RFC 8446, section 5.1
    const unheeded = [0, hello.length].flatMap((start) =>
      Array.from({ length: RECORD_HEADER_BYTES }, (_, index) => start + index),
    );
    expect(letIn.filter((offset) => !unheeded.includes(offset))).toEqual([]);
    await expectWell();
  });

  it('is none where garbage is said, before and behind a real hello', async () => {
    const rounds = Array.from({ length: 1000 }, (_, round) => round);
    await inTurn(rounds, async (round) => {
      const garbage = Buffer.concat(
        Array.from({ length: 1 + (round % 40) }, (_, block) =>
          createHash('sha512').update(`${SEED} ${round} ${block}`).digest(),
        ),
      );
      const socket = connect({ host: '127.0.0.1', port: daemon.port, allowHalfOpen: true });
      socket.on('error', () => {});
      const closed = new Promise((resolve) => {
        socket.once('close', resolve);
      });
      socket.on('end', () => socket.destroy()).resume();
      socket.end(round % 2 === 0 ? garbage : Buffer.concat([hello, garbage]));
      await closed;
    });
    await expectWell();
  });
});
