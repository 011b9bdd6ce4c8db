import { describe, expect, it } from 'vitest';
import { isPrivateGroup } from '../../../../src/config/ssh/private-group.ts';

const DATABASE = {
  users: 'root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\nbob:x:1001:100::/home/bob:/bin/sh\n',
  groups: 'root:x:0:\nusers:x:100:\nann:x:1000:\nboth:x:2000:ann,bob\nalso:x:2001:ann\nempty:x:2002:\n',
};

describe('the group of a file', () => {
  it.each([
    ['of its own', 1000, 1000, true],
    ['of root', 0, 0, true],
    ['with another member', 2000, 1000, false],
    ['with this member only', 2001, 1000, true],
    ['that another user has as the primary one', 100, 1000, false],
    ['that is of another user', 1000, 1001, false],
    ['without members', 2002, 1000, true],
    ['that the system does not list', 4000, 1000, false],
  ])('%s: group %i, user %i: %s', (_, gid, uid, expected) => {
    expect(isPrivateGroup(gid, uid, DATABASE)).toBe(expected);
  });

  it('of a user that the system does not list may have other members', () => {
    expect(isPrivateGroup(1000, 4000, DATABASE)).toBe(false);
  });
});
