import { describe, expect, it } from 'vitest';
import { RexaError } from '../../../src/protocol/errors.ts';
import { parseAddress } from '../../../src/transports/address.ts';
import { formatTlsAddress, parseTlsAddress } from '../../../src/transports/tls-address.ts';

const PIN = `SHA256:${'A'.repeat(42)}E`;

function refusal(text: string): string {
  try {
    parseAddress(text);
  } catch (error) {
    if (error instanceof RexaError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'taken';
}

describe('an address over TLS', () => {
  it.each([
    ['tls://build1:7000', 'build1', 7000],
    ['tls://build1', 'build1', 7522],
    ['tls://build1/', 'build1', 7522],
    ['build1', 'build1', 7522],
    ['build1:7000', 'build1', 7000],
    ['build1.example.com.', 'build1.example.com.', 7522],
    ['10.0.0.1', '10.0.0.1', 7522],
    ['[::1]', '::1', 7522],
    ['[::1]:7000', '::1', 7000],
    ['tls://[fe80::1%eth0]:7000', 'fe80::1%eth0', 7000],
    ['tls://0.0.0.0:0', '0.0.0.0', 0],
    ['bücher.example', 'bücher.example', 7522],
    ['run_1', 'run_1', 7522],
    ['7up.example', '7up.example', 7522],
  ])('%s is the host %s at port %i', (text, host, port) => {
    expect(parseAddress(text)).toEqual({ kind: 'tls', host, port, pin: null });
  });

  it.each([`tls://build1:7000#${PIN}`, `build1:7000#${PIN}`])('%s has a pin', (text) => {
    expect(parseAddress(text)).toEqual({ kind: 'tls', host: 'build1', port: 7000, pin: PIN });
  });

  it.each([
    ['', 'a host is missing'],
    ['tls://', 'a host is missing'],
    ['tls://:7522', 'a host is missing'],
    ['tls://-oProxyCommand=x', "does not begin with '-'"],
    ['-v', "does not begin with '-'"],
    ['build 1', 'letters, digits, dots and hyphens'],
    ['build1\n', 'letters, digits, dots and hyphens'],
    ['tls://build1\u001b[2J', 'letters, digits, dots and hyphens|write tls://'],
    ['build\u202e1', 'letters, digits, dots and hyphens'],
    ['build1/path', 'letters, digits, dots and hyphens'],
    ['build1?x=1', 'letters, digits, dots and hyphens'],
    ['*.example.com', 'letters, digits, dots and hyphens'],
    ['build1:', 'a port is a number'],
    ['build1:http', 'a port is a number'],
    ['build1:65536', 'a port is a number'],
    ['build1:+7', 'a port is a number'],
    ['::1', 'in brackets: \\[::1\\]'],
    ['::1:7522', 'in brackets'],
    ['fe80::1%eth0', 'in brackets'],
    ['[build1]:7522', 'in brackets stands an IPv6 address'],
    ['[::1%]:7522', 'in brackets stands an IPv6 address'],
    ['[::1]7522', 'write tls://HOST:PORT'],
    ['a:b:c', 'write tls://HOST:PORT'],
    ['127.1', 'neither a name nor an IP address'],
    ['2130706433', 'neither a name nor an IP address'],
    ['0x7f000001', 'neither a name nor an IP address'],
    ['10.0.0.256', 'neither a name nor an IP address'],
    ['alice@build1@x', 'the user stands before'],
    ['tls://alice@build1', 'the user stands before'],
    ['build1#', 'behind # stands the pin'],
    ['build1#SHA256:short', 'behind # stands the pin'],
    [`build1#${PIN}#${PIN}`, 'behind # stands the pin'],
    [`build1#MD5:${'A'.repeat(43)}`, 'behind # stands the pin'],
  ])('%j is refused with a reason', (text, reason) => {
    expect(refusal(text)).toMatch(new RegExp(`^ADDRESS_INVALID: .*(?:${reason})`));
  });

  it.each(['https://build1', 'ftp://build1', 'tcp://build1:1'])(
    '%s is of a scheme that rexa does not have',
    (text) => {
      expect(refusal(text)).toMatch(/^ADDRESS_UNSUPPORTED/);
    },
  );

  it('is shown with its port, an IPv6 address in brackets, and without its pin', () => {
    expect(formatTlsAddress(parseTlsAddress(`build1#${PIN}`))).toBe('tls://build1:7522');
    expect(formatTlsAddress(parseTlsAddress('[::1]:7'))).toBe('tls://[::1]:7');
  });
});
