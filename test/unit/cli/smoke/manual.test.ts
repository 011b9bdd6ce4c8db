import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { OUTPUT_FIELDS } from '../../../../src/cli/smoke/assertions/output-fields.ts';
import { CONFIG_FIELDS } from '../../../../src/cli/smoke/parse/config-fields.ts';
import { TEST_FIELDS } from '../../../../src/cli/smoke/parse/test-fields.ts';
import { PLAN_FIELDS, STEP_FIELDS_OF_TERMINAL } from '../../../../src/cli/smoke/terminal/terminal-fields.ts';
import { REPORT_KINDS } from '../../../../src/cli/tables/smoke.ts';
import { listMistakes } from '../../../fixtures/smoke-suite.ts';

const page = readFileSync(new URL('../../../../docs/smoke.md', import.meta.url), 'utf8');

/** The names in the first column of the tables under a heading. */
function namesUnder(heading: string): readonly string[] {
  const [, section = ''] = page.split(new RegExp(`^##+ ${heading}$`, 'm'));
  const rows = section.split(/^##/m)[0]?.match(/^\| `[^|]*\|/gm) ?? [];
  return rows.flatMap((row) => [...row.matchAll(/`([\w-]+)`/g)].map(([, name]) => name ?? ''));
}

describe('docs/smoke.md', () => {
  it.each([
    ['Tests', Object.keys(TEST_FIELDS)],
    ['Assertions on stdout and stderr', Object.keys(OUTPUT_FIELDS)],
    ['config', Object.keys(CONFIG_FIELDS)],
    ['Programs on a terminal', [...Object.keys(PLAN_FIELDS), ...Object.keys(STEP_FIELDS_OF_TERMINAL)]],
    ['Reports', REPORT_KINDS],
  ])('names under "%s" the keys that there are, and no others', (heading, names) => {
    expect(namesUnder(heading).toSorted()).toEqual(names.toSorted());
  });

  it('has examples that are right', async () => {
    const blocks = [...page.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, text]) => text ?? '');
    const whole = blocks.filter((text) => /^tests:/m.test(text));
    expect(whole.length).toBeGreaterThan(1);
    for (const text of whole) expect(await listMistakes(text)).toEqual([]);
  });
});
