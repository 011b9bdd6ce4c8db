import { userInfo } from 'node:os';
import { describe, expect, it } from 'vitest';
import { refuseUser } from '../../../src/cli/host/refuse-user.ts';
import { readHostName } from '../../../src/client/host-name.ts';

describe('a HOST', () => {
  it.each([
    ['local', 'local', null],
    ['root@local', 'local', 'root'],
    ['me@unix:/tmp/a@b.sock', 'unix:/tmp/a@b.sock', 'me'],
    ['unix:/tmp/a@b.sock', 'unix:/tmp/a@b.sock', null],
    ['tls://a@b', 'tls://a@b', null],
    ['@local', '@local', null],
    ['root@', 'root@', null],
    ['', '', null],
  ])('%j is the address %j and the user %j', (text, address, user) => {
    expect(readHostName(text)).toEqual({ address, user });
  });

  it('may name our own user, and no other', () => {
    const own = userInfo().username;
    expect(refuseUser(null)).toBeNull();
    expect(refuseUser(own)).toBeNull();
    expect(refuseUser(`${own}:style`)).toBeNull();
    expect(refuseUser(`not-${own}`)).toMatchObject({ code: 'USER_REFUSED' });
  });
});
