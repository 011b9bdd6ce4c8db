import { describe, expect, it } from 'vitest';
import {
  type ForwardLetter,
  printSpec,
  readForwardSpec,
  readStdioTarget,
} from '../../../../src/config/ssh/forward-spec.ts';

const socks: object | null = null;
const at = (host: string | null, port: number) => ({ host, port });
const unix = (path: string) => ({ path });

describe('a forwarding of ssh', () => {
  it.each<[ForwardLetter, string, object, object | null]>([
    ['L', '8080:db:5432', at(null, 8080), at('db', 5432)],
    ['L', 'localhost:8080:db:5432', at('localhost', 8080), at('db', 5432)],
    ['L', '*:8080:db:5432', at('*', 8080), at('db', 5432)],
    ['L', ':8080:db:5432', at('', 8080), at('db', 5432)],
    ['L', '[::1]:8080:[2001:db8::7]:80', at('::1', 8080), at('2001:db8::7', 80)],
    ['L', '8080:[2001:db8::7]:80', at(null, 8080), at('2001:db8::7', 80)],
    ['L', '0:db:80', at(null, 0), at('db', 80)],
    ['L', '8080:db:http', at(null, 8080), at('db', 80)],
    ['L', '/tmp/s:db:80', unix('/tmp/s'), at('db', 80)],
    ['L', '/tmp/s:/run/t', unix('/tmp/s'), unix('/run/t')],
    ['L', '8080:/run/t', at(null, 8080), unix('/run/t')],
    ['L', 'localhost:8080:/run/t', at('localhost', 8080), unix('/run/t')],
    ['L', '/tmp/a\\:b:/run/t', unix('/tmp/a:b'), unix('/run/t')],
    ['L', '[/tmp/a:b]:db:80', unix('/tmp/a:b'), at('db', 80)],
    ['R', '8080:localhost:3000', at(null, 8080), at('localhost', 3000)],
    ['R', '0:localhost:3000', at(null, 0), at('localhost', 3000)],
    ['R', '8080', at(null, 8080), socks],
    ['R', '*:8080', at('*', 8080), socks],
    ['D', '1080', at(null, 1080), socks],
    ['D', '127.0.0.1:1080', at('127.0.0.1', 1080), socks],
    ['D', '[::1]:1080', at('::1', 1080), socks],
    ['D', ':1080', at('', 1080), socks],
    ['D', '/tmp/socks', unix('/tmp/socks'), socks],
  ])('-%s %s listens on %o and leads to %o', (letter, text, from, to) => {
    expect(readForwardSpec(letter, text)).toEqual({ letter, from, to });
  });

  it.each<[ForwardLetter, string]>([
    ['L', ''],
    ['L', '8080'],
    ['L', '8080:db'],
    ['L', 'a:8080:db:5432:1'],
    ['L', '99999:db:80'],
    ['L', '8080:db:0'],
    ['L', '8080::80'],
    ['L', '[::1:8080:db:80'],
    ['L', '8080:db:80\\'],
    ['R', 'here'],
    ['D', '1080:db:80'],
    ['D', 'here:there'],
  ])('-%s %o is refused', (letter, text) => {
    expect(() => readForwardSpec(letter, text)).toThrow(
      /^Bad (local|remote|dynamic) forwarding specification/,
    );
  });

  it.each<[string, object]>([
    ['db:22', at('db', 22)],
    ['[::1]:22', at('::1', 22)],
    ['/run/s', unix('/run/s')],
  ])('-W %s leads to %o', (text, to) => {
    expect(readStdioTarget(text)).toEqual(to);
    expect(() => readStdioTarget(`${text}:x:y`)).toThrow(/^Bad stdio/);
  });

  it.each<[ForwardLetter, string, string]>([
    ['L', '8080:db:80', '8080 [db]:80'],
    ['R', '*:0:/run/t', '[*]:0 /run/t'],
    ['D', '1080', '1080'],
  ])('-%s %s is written as ssh -G does: %o', (letter, text, written) => {
    expect(printSpec(readForwardSpec(letter, text))).toBe(written);
  });
});
