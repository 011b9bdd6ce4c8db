// Makes the JSON Schemas in docs/ from what reads the files: `npm run docs` writes them, `npm test` only looks whether they
// are up to date.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toJsonSchema } from '@valibot/to-json-schema';
import { REPORT_SCHEMA } from '../src/cli/smoke/report/json.ts';
import { makeSuiteSchema } from '../src/cli/smoke/schema.ts';
import { CONFIG_SCHEMA } from '../src/client/config/config-schema.ts';
import { root } from './checks/run-captured.ts';
import type { StepResult } from './checks/step.ts';

const DIALECT = 'http://json-schema.org/draft-07/schema#';

/** The files in docs/, and what they hold. */
const SCHEMAS: Readonly<Record<string, object>> = {
  'config.schema.json': { $schema: DIALECT, ...toJsonSchema(CONFIG_SCHEMA) },
  'smoke.schema.json': { $schema: DIALECT, ...makeSuiteSchema() },
  'smoke-report.schema.json': { $schema: DIALECT, ...REPORT_SCHEMA },
};

/** Fails when a file is not what would be made now. */
export function checkConfigSchema(): StepResult {
  const stale = Object.entries(SCHEMAS).filter(([name, schema]) => {
    const file = join(root, 'docs', name);
    return !existsSync(file) || readFileSync(file, 'utf8') !== write(schema);
  });
  if (stale.length === 0) return { ok: true, output: '' };
  return {
    ok: false,
    output: stale.map(([name]) => `docs/${name} is stale: run \`npm run docs\`\n`).join(''),
  };
}

export function writeConfigSchema(): void {
  for (const [name, schema] of Object.entries(SCHEMAS))
    writeFileSync(join(root, 'docs', name), write(schema));
}

function write(schema: object): string {
  return `${JSON.stringify(schema, null, 2)}\n`;
}
