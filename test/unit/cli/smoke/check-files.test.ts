import { describe, expect, it } from 'vitest';
import { createCheckFiles } from '../../../../src/cli/smoke/check-files.ts';
import { openReportFiles } from '../../../../src/cli/smoke/reports.ts';
import { readText } from '../../../fixtures/smoke-suite.ts';

/** The system makes no folder there, and says ENOENT though what is above is there. */
const IMPOSSIBLE = '/proc/rexa/folder/file';

describe('a path on which no folder can be made', () => {
  it('ends the update of a snapshot with a sentence', async () => {
    const files = createCheckFiles(await readText('tests: {a: }\n'), (text) => text, true);
    expect(await files.writeSnapshot?.(IMPOSSIBLE, 'text')).toBe(
      `cannot write ${IMPOSSIBLE}: there is no folder /proc/rexa/folder`,
    );
  });

  it('refuses a report before anything is run', () => {
    const open = (): void => openReportFiles([{ kind: 'junit', file: IMPOSSIBLE }]);
    expect(open).toThrow(/^--report junit: cannot write .*: there is no folder \/proc\/rexa\/folder/);
  });
});
