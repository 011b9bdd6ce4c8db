import { describe, expect, it } from 'vitest';
import { readLineRecord } from '../../../../src/cli/line-shell/host/line-report.ts';

describe('a record', () => {
  it.each([
    [
      'ended 0 saved,, /tmp',
      { how: 'ended', status: 0, isSaved: true, exitsOnError: false, jobs: [], folder: '/tmp' },
    ],
    [
      'early 127 unsaved,errexit,12,345, /a b\nc',
      { how: 'early', status: 127, isSaved: false, exitsOnError: true, jobs: [12, 345], folder: '/a b\nc' },
    ],
    ['left 3 saved,, ', { how: 'left', status: 3, isSaved: true, exitsOnError: false, jobs: [], folder: '' }],
  ])('says how a line ended: %j', (record, report) => {
    expect(readLineRecord(record)).toEqual({ kind: 'report', report });
  });

  it('gives back what was typed', () => {
    expect(readLineRecord('rest ls -l\necho')).toEqual({ kind: 'rest', text: 'ls -l\necho' });
  });

  it.each(['', 'end', 'gone 0 saved,, /', 'ended x saved,, /', 'ended 1000 saved,, /'])(
    'is none of ours when it is %j',
    (record) => {
      expect(readLineRecord(record)).toBeNull();
    },
  );
});
