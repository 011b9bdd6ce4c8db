import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ReadyStartClient } from '../../../src/framing/ready-start-client.ts';
import { ReadyStartDaemon } from '../../../src/framing/ready-start-daemon.ts';
import { CLIENT_LIMITS } from '../../fixtures/ready-start/client-machine.ts';
import { DAEMON_LIMITS } from '../../fixtures/ready-start/daemon-machine.ts';
import { createRandom, type Random } from '../../fixtures/ready-start/random.ts';

const NOW_MS = 0;
/** More than any conversation below needs, so that one that hangs fails. */
const MAX_TURNS = 100_000;

interface Part {
  readonly bytes: Uint8Array;
  /** Not to be cut, since its end is the end of a read. */
  readonly isWhole: boolean;
}

/** Bytes on their way from one machine to the other; reads cut and join them at random. */
class Pipe {
  readonly #parts: Part[] = [];
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  write(bytes: Uint8Array, isWhole = false): void {
    if (bytes.length > 0) this.#parts.push({ bytes, isWhole });
  }

  /** A size and its newline stay whole: no kernel cuts one small write. */
  writeReady(bytes: Uint8Array): void {
    this.write(bytes.subarray(0, 6));
    this.write(bytes.subarray(6), true);
  }

  read(): Uint8Array | null {
    const part = this.#parts.shift();
    if (part === undefined) return null;
    const size = part.isWhole ? part.bytes.length : 1 + this.#random.below(part.bytes.length);
    if (size < part.bytes.length) {
      this.#parts.unshift({ bytes: part.bytes.subarray(size), isWhole: false });
      return part.bytes.subarray(0, size);
    }
    if (part.isWhole || this.#random.below(2) === 0) return part.bytes;
    return Buffer.concat([part.bytes, this.read() ?? new Uint8Array(0)]);
  }
}

/** Lets a client run commands on a daemon that answers each with what `replies` says: what the client got. */
function converse(commands: readonly string[], replies: readonly Uint8Array[], seed: number) {
  const random = createRandom(seed);
  const daemon = new ReadyStartDaemon(DAEMON_LIMITS, Buffer.from(random.pick(['', 'welcome\n'])), NOW_MS);
  const client = new ReadyStartClient(CLIENT_LIMITS, { kind: 'any' });
  const toDaemon = new Pipe(random);
  const toClient = new Pipe(random);
  const ran: string[] = [];
  const got: Buffer[] = [];
  const ends: string[] = [];
  let reply = Buffer.alloc(0);

  function pumpDaemon(): void {
    for (let output = daemon.poll(); output !== null; output = daemon.poll()) {
      if (output.kind === 'write') toClient.writeReady(output.bytes);
      if (output.kind === 'run') {
        daemon.handleReplyReady(replies[ran.length]?.length ?? 0, NOW_MS);
        ran.push(Buffer.from(output.command).toString());
      }
      if (output.kind === 'send-reply') {
        toClient.write(replies[ran.length - 1] ?? new Uint8Array(0));
        daemon.handleReplySent(NOW_MS);
      }
      if (output.kind === 'close') ends.push(`daemon ${output.end.kind}`);
    }
  }

  function pumpClient(): void {
    for (let output = client.poll(); output !== null; output = client.poll()) {
      if (output.kind === 'write') toDaemon.write(output.bytes);
      if (output.kind === 'reply-size') reply = Buffer.alloc(0);
      if (output.kind === 'reply-bytes') reply = Buffer.concat([reply, output.bytes]);
      if (output.kind === 'reply-end') got.push(reply);
      if (output.kind === 'close') ends.push(`client ${output.failure?.kind ?? 'orderly'}`);
    }
  }

  for (let turns = 0; ends.length < 2 && turns < MAX_TURNS; turns++) {
    pumpClient();
    const next = commands[got.length];
    if (client.state === 'idle') {
      if (next === undefined) client.handleExit();
      else client.handleCommand(Buffer.from(next));
    }
    pumpClient();
    const up = toDaemon.read();
    if (up === null) daemon.handleTimeout(NOW_MS + DAEMON_LIMITS.quietMs);
    else daemon.handleRead(up, NOW_MS);
    pumpDaemon();
    const down = toClient.read();
    if (down !== null) client.handleRead(down, NOW_MS);
  }
  return { ran, got, ends };
}

describe('both machines over pipes that cut anywhere', () => {
  it('run every command once, in order, and give every reply whole', () => {
    const command = fc
      .oneof(
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 }),
        fc.constantFrom('echo 中文', 'ls 目录'),
      )
      .filter((text) => !/[\p{Cc}]|HTTP\/|^exit$|^Start$|^ *$/u.test(text) && text.isWellFormed());
    const reply = fc.oneof(
      fc.constantFrom(1, 1023, 1024, 1025, 5000).map((size) => new Uint8Array(size).map((_, at) => at % 251)),
      fc
        .constantFrom('cmd error', '你好，世界\n', '中'.repeat(341), 'Ready|5', 'Start', 'exit')
        .map((text) => Buffer.from(text)),
      fc.uint8Array({ minLength: 1, maxLength: 3000 }),
    );
    const turns = fc.array(fc.tuple(command, reply), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(turns, fc.nat(), (pairs, seed) => {
        const commands = pairs.map(([text]) => text);
        const replies = pairs.map(([, bytes]) => bytes);
        const { ran, got, ends } = converse(commands, replies, seed);
        expect(ran).toEqual(commands);
        expect(got.map((bytes) => bytes.toString('hex'))).toEqual(
          replies.map((bytes) => Buffer.from(bytes).toString('hex')),
        );
        expect(ends).toEqual(['client orderly', 'daemon exit']);
      }),
      { numRuns: 500 },
    );
  });
});
