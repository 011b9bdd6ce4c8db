import { isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSocksServer, type SocksStep } from '../../../src/protocol/socks.ts';

/** A handshake as a client sends it, without waiting, and where it leads. */
interface Handshake {
  readonly bytes: Uint8Array;
  readonly host: string;
  readonly port: number;
  /** What the server sends before its answer. */
  readonly greeting: readonly number[];
}

const port = fc.integer({ min: 1, max: 65_535 });
const name = fc.stringMatching(/^[a-z0-9.-]{1,255}$/);
const bytesOf = (text: string): readonly number[] => [...Buffer.from(text)];
const highLow = (number: number): readonly number[] => [number >> 8, number & 255];
const user = fc.stringMatching(/^[a-z]{0,20}$/).map((text) => [...bytesOf(text), 0]);
const ipv4 = fc.tuple(fc.integer({ min: 1, max: 255 }), fc.nat(255), fc.nat(255), fc.nat(255));
const methods = fc.array(fc.nat(254), { maxLength: 5 }).map((others) => [others.length + 1, ...others, 0]);

const handshake: fc.Arbitrary<Handshake> = fc.oneof(
  fc.tuple(port, ipv4, user).map(([to, address, who]) => ({
    bytes: Uint8Array.from([4, 1, ...highLow(to), ...address, ...who]),
    host: address.join('.'),
    port: to,
    greeting: [],
  })),
  fc.tuple(port, name, user).map(([to, host, who]) => ({
    bytes: Uint8Array.from([4, 1, ...highLow(to), 0, 0, 0, 7, ...who, ...bytesOf(host), 0]),
    host,
    port: to,
    greeting: [],
  })),
  fc.tuple(port, ipv4, methods).map(([to, address, known]) => ({
    bytes: Uint8Array.from([5, ...known, 5, 1, 0, 1, ...address, ...highLow(to)]),
    host: address.join('.'),
    port: to,
    greeting: [5, 0],
  })),
  fc.tuple(port, name, methods).map(([to, host, known]) => ({
    bytes: Uint8Array.from([5, ...known, 5, 1, 0, 3, host.length, ...bytesOf(host), ...highLow(to)]),
    host,
    port: to,
    greeting: [5, 0],
  })),
);

/** Feeds bytes in pieces of this length. @returns the last step, and all replies */
function feed(bytes: Uint8Array, pieceBytes: number) {
  const server = createSocksServer();
  const replies: number[] = [];
  let last: SocksStep | null = null;
  let at = 0;
  while (at < bytes.length && (last === null || last.kind === 'more')) {
    last = server.handleBytes(bytes.subarray(at, at + pieceBytes));
    replies.push(...last.reply);
    at += pieceBytes;
  }
  return { server, last, replies, rest: bytes.subarray(Math.min(at, bytes.length)) };
}

describe('the SOCKS handshake', () => {
  it('finds the place and what follows, however the bytes are split', () => {
    fc.assert(
      fc.property(
        handshake,
        fc.uint8Array({ maxLength: 50 }),
        fc.integer({ min: 1, max: 600 }),
        (given, behind, piece) => {
          const { last, replies, rest } = feed(Uint8Array.from([...given.bytes, ...behind]), piece);
          expect(last).toMatchObject({ kind: 'request', to: { host: given.host, port: given.port } });
          const found = last?.kind === 'request' ? last.rest : new Uint8Array();
          expect([...found, ...rest]).toEqual([...behind]);
          expect(replies).toEqual(given.greeting);
        },
      ),
    );
  });

  it('reads on without a reply until a handshake is complete', () => {
    fc.assert(
      fc.property(handshake, fc.nat(), (given, seed) => {
        const part = given.bytes.subarray(0, seed % given.bytes.length);
        expect(feed(part, part.length).last?.kind ?? 'more').toBe('more');
      }),
    );
  });

  it('never throws, whatever it is sent, and keeps a limited number of bytes', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 1500 }),
        fc.constantFrom(4, 5, null),
        fc.integer({ min: 1, max: 99 }),
        (junk, version, piece) => {
          const { last } = feed(version === null ? junk : Uint8Array.from([version, ...junk]), piece);
          if (last?.kind === 'request') expect(last.to).toMatchObject({ port: expect.any(Number) });
        },
      ),
    );
    expect(feed(Uint8Array.from([4, 1, 0, 80, 1, 2, 3, 4, ...Buffer.alloc(2000, 'u')]), 64).last?.kind).toBe(
      'refused',
    );
  });

  it('writes IPv6 addresses that Node knows', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (address) => {
        const { last } = feed(Uint8Array.from([5, 1, 0, 5, 1, 0, 4, ...address, 0, 80]), 7);
        const to = last?.kind === 'request' ? last.to : { path: '' };
        expect('host' in to && isIP(to.host)).toBe(6);
      }),
    );
  });

  it.each<[string, readonly number[], readonly number[]]>([
    ['another protocol', [...Buffer.from('GET / HTTP/1.1\r\n')], []],
    ['a client that needs a password', [5, 1, 2], [5, 0xff]],
    ['BIND of SOCKS 5', [5, 1, 0, 5, 2, 0, 1, 1, 2, 3, 4, 0, 80], [5, 0, 5, 7, 0, 1, 0, 0, 0, 0, 0, 0]],
    ['an unknown kind of address', [5, 1, 0, 5, 1, 0, 9, 1, 2, 3], [5, 0, 5, 8, 0, 1, 0, 0, 0, 0, 0, 0]],
    ['BIND of SOCKS 4', [4, 2, 0, 80, 1, 2, 3, 4, 0], [0, 0x5b, 0, 0, 0, 0, 0, 0]],
    ['port 0', [4, 1, 0, 0, 1, 2, 3, 4, 0], [0, 0x5b, 0, 0, 0, 0, 0, 0]],
    ['a name with a space', [4, 1, 0, 80, 0, 0, 0, 1, 0, 97, 32, 0], [0, 0x5b, 0, 0, 0, 0, 0, 0]],
  ])('refuses %s', (_what, bytes, reply) => {
    const { last, replies } = feed(Uint8Array.from(bytes), 3);
    expect([last?.kind, replies]).toEqual(['refused', reply]);
  });

  it.each([
    ['granted', [4, 1, 0, 80, 1, 2, 3, 4, 0], 0x5a],
    ['refused', [4, 1, 0, 80, 1, 2, 3, 4, 0], 0x5b],
    ['granted', [5, 1, 0, 5, 1, 0, 1, 1, 2, 3, 4, 0, 80], 0],
    ['refused', [5, 1, 0, 5, 1, 0, 1, 1, 2, 3, 4, 0, 80], 5],
    ['prohibited', [5, 1, 0, 5, 1, 0, 1, 1, 2, 3, 4, 0, 80], 2],
  ] as const)('answers %s to %j with the status %i', (result, bytes, status) => {
    expect(feed(Uint8Array.from(bytes), 99).server.answer(result)[1]).toBe(status);
  });
});
