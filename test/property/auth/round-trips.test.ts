import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatAuthorizedLine, type NewOption } from '../../../src/auth/authorize-line.ts';
import { parseAuthorizedLine } from '../../../src/auth/authorized-line.ts';
import { decodeArmored, decodeBase64, encodeArmored } from '../../../src/auth/base64.ts';
import { formatHostAddress, parseHostAddress } from '../../../src/auth/host-address.ts';
import { formatKnownHost, parseKnownHosts } from '../../../src/auth/known-hosts.ts';
import { parsePin } from '../../../src/auth/pin.ts';
import {
  fingerprint,
  formatPublicKey,
  makePublicKey,
  type PublicKey,
  parsePublicKey,
  readPublicKey,
} from '../../../src/auth/public-key.ts';
import { WireReader } from '../../../src/auth/wire-reader.ts';
import { dropLeadingZeros, wireMpint, wireString, wireU32 } from '../../../src/auth/wire-writer.ts';
import { RexaError } from '../../../src/protocol/errors.ts';
import { bytes, textOf } from '../../fixtures/auth/arbitraries.ts';
import { codeOf, fixtureKey } from '../../fixtures/auth/fixtures.ts';

function reader(data: Uint8Array): WireReader {
  return new WireReader(data, (reason) => new RexaError('KEY_MALFORMED', ['it', reason]));
}

const ed25519Key: fc.Arbitrary<PublicKey> = bytes({ minLength: 32, maxLength: 32 }).map((point) =>
  makePublicKey('ssh-ed25519', { family: 'ed25519', point }, null),
);
const rsaKey: fc.Arbitrary<PublicKey> = bytes({ minLength: 256, maxLength: 600 }).map((modulus) => {
  modulus[0] = (modulus[0] ?? 0) | 0x80;
  modulus[modulus.length - 1] = (modulus.at(-1) ?? 0) | 1;
  return makePublicKey('ssh-rsa', { family: 'rsa', exponent: Buffer.of(1, 0, 1), modulus }, null);
});
const tokenKey: fc.Arbitrary<PublicKey> = fc
  .tuple(bytes({ minLength: 32, maxLength: 32 }), textOf())
  .map(([point, application]) =>
    makePublicKey('sk-ssh-ed25519@openssh.com', { family: 'ed25519', point }, application),
  );
const anyKey = fc.oneof(ed25519Key, rsaKey, tokenKey);

describe('what is written can be read', () => {
  it('in the SSH wire format, field by field and to the last byte', () => {
    const field = fc.oneof(
      fc.record({ kind: fc.constant('u32' as const), value: fc.nat(0xffff_ffff) }),
      fc.record({ kind: fc.constant('string' as const), value: bytes() }),
      fc.record({ kind: fc.constant('text' as const), value: textOf() }),
      fc.record({ kind: fc.constant('mpint' as const), value: bytes() }),
    );
    fc.assert(
      fc.property(fc.array(field), (fields) => {
        const encoded = Buffer.concat(
          fields.map((each) => {
            if (each.kind === 'u32') return wireU32(each.value);
            return each.kind === 'mpint' ? wireMpint(each.value) : wireString(each.value);
          }),
        );
        const from = reader(encoded);
        for (const each of fields) {
          if (each.kind === 'u32') expect(from.readU32()).toBe(each.value);
          else if (each.kind === 'string') expect(from.readString()).toEqual(each.value);
          else if (each.kind === 'text') expect(from.readText()).toBe(each.value);
          else expect(from.readMpint(1000)).toEqual(Buffer.from(dropLeadingZeros(each.value)));
        }
        expect(from.remaining).toBe(0);
      }),
    );
  });

  it('as base64, with and without armor', () => {
    fc.assert(
      fc.property(bytes({ maxLength: 500 }), (data) => {
        expect(decodeBase64(data.toString('base64'))).toEqual(data);
        expect(decodeArmored(encodeArmored(data, 'X'), 'X')).toEqual(data);
      }),
    );
  });

  it('as a public key', () => {
    fc.assert(
      fc.property(anyKey, (key) => {
        expect(readPublicKey(key.blob, 'it')).toEqual(key);
        expect(parsePublicKey(formatPublicKey(key, 'a comment'), 'it')).toEqual({
          key,
          comment: 'a comment',
        });
        expect(parsePin(fingerprint(key))).toBe(fingerprint(key));
      }),
    );
  });

  it('as a line of authorized_keys, whatever the command and the variables hold', () => {
    const value = textOf().map((text) => text.replaceAll(/[\r\n]/g, ' ').replace(/\\+$/, ''));
    const option: fc.Arbitrary<NewOption> = fc.oneof(
      fc.constantFrom('restrict', 'pty', 'no-pty', 'port-forwarding', 'user-rc', 'no-touch-required'),
      fc
        .tuple(fc.stringMatching(/^[A-Za-z0-9_]{1,9}$/), value)
        .map(([name, content]) => ({ name: 'environment', value: `${name}=${content}` })),
    );
    fc.assert(
      fc.property(anyKey, fc.array(option), fc.option(value), textOf(), (key, options, command, comment) => {
        const all = command === null ? options : [...options, { name: 'command', value: command }];
        const line = formatAuthorizedLine(key, all, comment);
        expect(line).not.toMatch(/[\n\0]/);
        const parsed = parseAuthorizedLine(Buffer.from(line), 'it');
        expect(parsed).toMatchObject({ kind: 'key', key, options: { command } });
        const variables = options.flatMap((each) => (typeof each === 'string' ? [] : [each.value]));
        for (const [name, content] of parsed?.kind === 'key' ? parsed.options.environment : []) {
          expect(variables.find((variable) => variable.startsWith(`${name}=`))).toBe(`${name}=${content}`);
        }
      }),
    );
  });

  it('as a line of known_hosts, for each host that has a name', () => {
    const host = fc.oneof(
      fc.domain(),
      fc.ipV4(),
      fc.ipV6(),
      fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_-]{0,30}\.?$/),
    );
    fc.assert(
      fc.property(host, fc.integer({ min: 1, max: 65_535 }), anyKey, (name, port, key) => {
        const address = formatHostAddress(name, port);
        expect(parseHostAddress(address)).toBe(address);
        expect(formatHostAddress(name.toUpperCase(), port)).toBe(address);
        const { hosts, problems } = parseKnownHosts(Buffer.from(formatKnownHost(address, key)), 'file');
        expect(problems).toEqual([]);
        expect(hosts).toEqual([{ line: 1, address, key }]);
      }),
    );
  });
});

describe('what anybody may send', () => {
  it('is never a host whose name could be an option or act on a terminal', () => {
    fc.assert(
      fc.property(fc.oneof(textOf(), fc.string({ unit: 'binary' })), fc.nat(70_000), (host, port) => {
        let address: string | undefined;
        const code = codeOf(() => {
          address = formatHostAddress(host, port);
        });
        if (code !== null) return;
        expect(address).toMatch(/^(?:[a-z0-9_][a-z0-9_.-]*|\[[0-9a-f:.]+(?:%[A-Za-z0-9._-]+)?\]):[0-9]+$/);
      }),
    );
  });

  it('is read as far as it goes, and never beyond', () => {
    const step = fc.constantFrom(
      'readByte',
      'readU32',
      'readU64',
      'readString',
      'readText',
      'readNested',
      'readRest',
    );
    fc.assert(
      fc.property(bytes(), fc.array(step), (data, steps) => {
        const surrounded = Buffer.concat([Buffer.alloc(8, 0xee), data, Buffer.alloc(8, 0xee)]);
        const from = reader(surrounded.subarray(8, 8 + data.length));
        const code = codeOf(() => {
          for (const each of steps) from[each]();
        });
        expect(code === null || code === 'KEY_MALFORMED').toBe(true);
        expect(from.offset + from.remaining).toBe(data.length);
        expect(from.remaining).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it('is one line of authorized_keys at most, and harms no other', () => {
    const good = formatPublicKey(fixtureKey('ed25519'));
    const word = fc.constantFrom(
      'ssh-ed25519',
      'ssh-rsa',
      'restrict',
      'command=',
      '"',
      '\\',
      '\\"',
      ',',
      ' ',
      '\t',
      '#',
      'AAAA',
      'from="',
      good,
      '\0',
      '\r',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(word, textOf()), { maxLength: 20 }), (words) => {
        const line = words.join('').replaceAll('\n', ' ');
        const parsed = parseAuthorizedLine(Buffer.from(line), 'it');
        if (parsed?.kind === 'key') expect(parsed.key.blob.length).toBeGreaterThan(0);
        else if (parsed !== null) expect(parsed.problem.code).toBe('AUTH_LINE_UNUSABLE');
      }),
    );
  });
});
