import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openClient } from '../../fixtures/ready-start/client-machine.ts';
import { DAEMON_LIMITS, openDaemon } from '../../fixtures/ready-start/daemon-machine.ts';

/** Commands that a client would send: no control characters, not the wire's own words. */
const command = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
  .filter((text) => !/[\p{Cc}]|HTTP\/|^exit$|^Start|^ *$/u.test(text) && text.isWellFormed());
const sizes = fc.constantFrom(1, 2, 1023, 1024, 1025, 100_000_000);
/** Where to cut, as parts of the whole. */
const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 });

/** The pieces of `bytes` between the cuts, none of them empty. */
function cut(bytes: Uint8Array, parts: readonly number[]): Uint8Array[] {
  const ends = [...parts.map((part) => Math.round(part * bytes.length)), bytes.length].toSorted(
    (a, b) => a - b,
  );
  const pieces = ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
  return pieces.filter((piece) => piece.length > 0);
}

/** Answers what the machine has under way, at once. */
function answerAll(daemon: ReturnType<typeof openDaemon>, sizeBytes: number, seen: string[]): void {
  for (;;) {
    const outputs = daemon.outputs();
    seen.push(...outputs);
    const last = outputs.at(-1) ?? '';
    if (last.startsWith('run ')) daemon.reply(sizeBytes);
    else if (last === 'send-reply') daemon.sent();
    else if (outputs.length === 0) return;
  }
}

describe("a conversation on the daemon's side", () => {
  it('gives the same for every split of it, whenever its replies are ready', () => {
    const turn = fc.record({ text: command, start: fc.constantFrom('Start', 'Start\n') });
    fc.assert(
      fc.property(fc.array(turn, { minLength: 1, maxLength: 3 }), sizes, cuts, (turns, sizeBytes, parts) => {
        const stream = `${turns.map(({ text, start }) => `${text}\n${start}`).join('')}exit\n`;
        const daemon = openDaemon();
        const seen: string[] = [];
        for (const [index, piece] of cut(Buffer.from(stream), parts).entries()) {
          daemon.read(piece);
          if (index % 2 === 0) answerAll(daemon, sizeBytes, seen);
        }
        answerAll(daemon, sizeBytes, seen);
        const expected = turns.flatMap(({ text }) => [
          `run ${text}`,
          `write Ready|${sizeBytes}\n`,
          'send-reply',
        ]);
        expect(seen).toEqual([...expected, 'close exit']);
      }),
      { numRuns: 1000 },
    );
  });

  it('gives the same for every split of a line that ends by quiet', () => {
    fc.assert(
      fc.property(command, cuts, (text, parts) => {
        const daemon = openDaemon();
        for (const piece of cut(Buffer.from(text), parts)) {
          daemon.pass(DAEMON_LIMITS.quietMs - 1);
          daemon.read(piece);
        }
        expect(daemon.outputs()).toEqual([]);
        daemon.pass(DAEMON_LIMITS.quietMs);
        expect(daemon.outputs()).toEqual([`run ${text}`]);
      }),
    );
  });

  it('runs nothing of an HTTP request, however it is split', () => {
    const method = fc.constantFrom('GET', 'POST', 'OPTIONS', 'M-SEARCH', 'ls;');
    const body = fc.constantFrom('', 'ls\n', '{"a":1}\nrm -rf /\n');
    fc.assert(
      fc.property(method, body, cuts, (name, text, parts) => {
        const request = `${name} /x HTTP/1.1\r\nHost: 127.0.0.1:9999\r\nContent-Length: ${text.length}\r\n\r\n${text}`;
        const daemon = openDaemon();
        for (const piece of cut(Buffer.from(request), parts)) daemon.read(piece);
        expect(daemon.outputs()).toEqual([expect.stringMatching(/^close (http|carriage-return)$/)]);
      }),
    );
  });

  it('is closed on a peer that sends and sends while nothing is answered', () => {
    const read = fc
      .uint8Array({ minLength: 1, maxLength: 8192 })
      .map((bytes) => bytes.map((byte) => (byte < 0x20 ? 0x0a : byte & 0x7f)));
    fc.assert(
      fc.property(fc.array(read, { minLength: 1, maxLength: 4 }), (reads) => {
        const daemon = openDaemon();
        const boundBytes = (DAEMON_LIMITS.maxQueuedCommands + 2) * DAEMON_LIMITS.maxReadBytes;
        for (let sentBytes = 0; sentBytes <= boundBytes; ) {
          for (const bytes of reads) {
            daemon.read(bytes);
            sentBytes += bytes.length;
          }
        }
        expect(daemon.machine.state).toBe('closed');
      }),
      { numRuns: 50 },
    );
  });
});

describe("a conversation on the client's side", () => {
  /** `Ready|` may be cut anywhere, what follows it comes in one read: its end is the end of the size. */
  it('gives the same for every split but one inside the size', () => {
    const reply = fc.uint8Array({ minLength: 1, maxLength: 3000 });
    const lineEnd = fc.constantFrom('', '\n', '\r\n');
    const turn = fc.record({ text: command, reply, lineEnd, parts: cuts, readyCut: fc.nat(6) });
    fc.assert(
      fc.property(fc.array(turn, { minLength: 1, maxLength: 3 }), (turns) => {
        const client = openClient();
        for (const { text, reply: sent, lineEnd: end, parts, readyCut } of turns) {
          expect(client.run(text)).toBe(null);
          const ready = `Ready|${sent.length}${end}`;
          client.read(ready.slice(0, readyCut), ready.slice(readyCut), ...cut(sent, parts));
          const outputs = client.outputs();
          expect(outputs.slice(0, 3)).toEqual([`write ${text}\n`, 'write Start', `size ${sent.length}`]);
          expect(outputs.at(-1)).toBe('end');
          expect(client.machine.state).toBe('idle');
        }
      }),
      { numRuns: 500 },
    );
  });
});
