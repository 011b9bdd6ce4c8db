import { describe, expect, it } from 'vitest';
import { readDestination } from '../../../../src/cli/ssh/destination.ts';

describe('HOST', () => {
  it.each([
    ['build1', 'build1', null, null],
    ['me@build1', 'build1', 'me', null],
    ['me@corp.example@build1', 'build1', 'me@corp.example', null],
    ['10.0.0.7', '10.0.0.7', null, null],
    ['::1', '::1', null, null],
    ['[::1]', '::1', null, null],
    ['me@fe80::1%eth0', 'fe80::1%eth0', 'me', null],
    ['build1:2222', 'build1:2222', null, null],
    ['ssh://build1', 'build1', null, null],
    ['ssh://build1/', 'build1', null, null],
    ['ssh://me@build1:2222', 'build1', 'me', 2222],
    ['SSH://build1:1', 'build1', null, 1],
    ['ssh://me;fingerprint=x@build1', 'build1', 'me', null],
    ['ssh://a%40b@build1:65535/', 'build1', 'a@b', 65_535],
    ['ssh://[::1]:2222', '::1', null, 2222],
    ['ssh://build1:', 'build1', null, null],
    ['local', 'local', null, null],
    ['me@local', 'local', 'me', null],
    ['unix:/run/a@b/s', 'unix:/run/a@b/s', null, null],
    ['me@unix:/run/a@b/s', 'unix:/run/a@b/s', 'me', null],
    ['tls://build1:1#SHA256:x', 'tls://build1:1#SHA256:x', null, null],
    ['me@tls://[::1]:1', 'tls://[::1]:1', 'me', null],
    ['ready://127.0.0.1:9', 'ready://127.0.0.1:9', null, null],
  ])('%s is %s, %s, %s', (text, host, user, port) => {
    expect(readDestination(text)).toEqual({ host, user, port });
  });

  it.each([
    ['', /is not a valid host name$/],
    ['me@', /is not a valid host name$/],
    ['@build1', /has no name before the @$/],
    ['-oProxyCommand=x', /is not a valid host name$/],
    ['me@-x', /is not a valid host name$/],
    ['[]', /is not a valid host name$/],
    ['ssh://', /is not a valid host name$/],
    ['ssh://build1/path', /is not of the form ssh:/],
    ['ssh://build1:0', /has no port from 1 to 65535$/],
    ['ssh://build1:70000', /has no port from 1 to 65535$/],
    ['ssh://build1:x', /has no port from 1 to 65535$/],
    ['ssh://-x', /is not a valid host name$/],
    ['ssh://%ff@build1', /has an invalid % escape$/],
  ])('%j is refused', (text, message) => {
    expect(() => readDestination(text)).toThrow(message);
  });
});
