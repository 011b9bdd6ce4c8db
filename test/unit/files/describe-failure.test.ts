import { constants } from 'node:os';
import { getSystemErrorName } from 'node:util';
import { describe, expect, it } from 'vitest';
import { describeFailure, FileFailure } from '../../../src/files/describe-failure.ts';

function systemError(errno: number): Error {
  return Object.assign(new Error('of the system'), { code: getSystemErrorName(-errno), errno: -errno });
}

describe('the failure of a file', () => {
  it.each<[error: Error, code: string, message: string]>([
    [systemError(constants.errno.ENOSPC), 'ENOSPC', 'no space left on device'],
    [systemError(constants.errno.EDQUOT), 'EDQUOT', 'disk quota exceeded'],
    [systemError(constants.errno.ESTALE), 'ESTALE', 'stale file handle'],
    [systemError(4000), 'UNKNOWN', 'error 4000 of the system'],
    [new FileFailure('MISMATCH', 'another hash'), 'MISMATCH', 'another hash'],
  ])('of %o is %s', (error, code, message) => {
    expect(describeFailure(error)).toEqual({ code, message });
  });

  it('is not made of an error that is none of a file', () => {
    expect(() => describeFailure(new TypeError('a mistake'))).toThrow('a mistake');
  });
});
