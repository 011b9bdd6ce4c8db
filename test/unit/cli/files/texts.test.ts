import { describe, expect, it } from 'vitest';
import { describeBytes, describeSummary } from '../../../../src/cli/files/describe-copy.ts';
import { describeProgress } from '../../../../src/cli/files/progress-line.ts';
import { describeResume } from '../../../../src/cli/files/resume-line.ts';

const COUNTS = {
  bytes: 50_000_000,
  knownBytes: 150_000_000,
  doneBytes: 60_000_000,
  reusedBytes: 0,
  completeBytes: 30_000_000,
  copied: 1,
  unchanged: 0,
  deleted: 0,
  failed: 0,
  current: 'tree/file',
  unfinishedBytes: 20_000_000,
  hasReadError: false,
  isFinished: false,
};

describe('texts about a copy', () => {
  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1536, '1.5 KiB'],
    [5e9, '4.7 GiB'],
    [1e18, '909494.7 TiB'],
  ])('%d bytes are %s', (bytes, text) => {
    expect(describeBytes(bytes)).toBe(text);
  });

  it('the line of progress, for ever narrower terminals', () => {
    expect(describeProgress(COUNTS, 1e6)).toEqual([
      '40% 57.2 MiB of 143.1 MiB, 976.6 KiB/s, 1:30 left, 1 files: tree/file',
      '40% 57.2 MiB of 143.1 MiB, 976.6 KiB/s, 1:30 left, 1 files',
      '40% 57.2 MiB of 143.1 MiB, 976.6 KiB/s',
      '40% 57.2 MiB of 143.1 MiB',
    ]);
    expect(describeProgress({ ...COUNTS, knownBytes: 0, copied: 0 }, 0)[0]).toBe(
      '57.2 MiB, 0 B/s: tree/file',
    );
  });

  it('the summary', () => {
    const counts = { ...COUNTS, unchanged: 2, deleted: 3, failed: 4, reusedBytes: 1024 };
    expect(describeSummary(counts, false, 2000)).toBe(
      'copied 1 file (47.7 MiB in 2.0 s), 2 unchanged, 3 deleted, 1.0 KiB reused, 4 failed',
    );
    expect(describeSummary(counts, true, 2000)).toBe(
      'would copy 1 file, 2 unchanged, would delete 3, 1.0 KiB reused, 4 failed',
    );
  });

  it.each<[words: readonly string[], line: string]>([
    [['cp', 'a', 'h:b'], 'rexa cp --resume a h:b'],
    [['-q', 'cp', '-r', 'a b', "it's", 'h:'], String.raw`rexa -q cp --resume -r 'a b' 'it'\''s' h:`],
    [['cp', '--resume', 'a', 'h:b'], 'rexa cp --resume a h:b'],
    [['cp', '--', '--resume', 'h:b'], 'rexa cp --resume -- --resume h:b'],
    [['cp', 'a\n\udcff$', 'h:b'], String.raw`rexa cp --resume $'a\x0a\xff\x24' h:b`],
  ])('the command that resumes %j', (words, line) => {
    expect(describeResume(words, COUNTS, true)).toBe(
      `1 file is complete, up to 19.1 MiB of an incomplete one are kept; to resume, and save up to 47.7 MiB: ${line}`,
    );
  });

  it.each<[why: string, counts: Partial<typeof COUNTS>, keeps: boolean, text: string | null]>([
    [
      'only incomplete files, which are not kept',
      { completeBytes: 0 },
      false,
      expect.stringMatching(/^nothing is kept/),
    ],
    ['nothing', { completeBytes: 0, unfinishedBytes: 0, bytes: 0 }, false, null],
    ['everything', { isFinished: true, unfinishedBytes: 0 }, true, null],
    [
      'complete files, and incomplete ones that are not kept',
      {},
      false,
      '1 file is complete; to resume, and save up to 28.6 MiB: rexa cp --resume a h:b',
    ],
  ])('of a copy that has sent %s', (_, counts, keeps, text) => {
    expect(describeResume(['cp', 'a', 'h:b'], { ...COUNTS, ...counts }, keeps)).toEqual(text);
  });
});
