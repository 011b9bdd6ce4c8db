// Makes docs/config.schema.json from the schema that the client reads its configuration by:
// `npm run docs` writes it, `npm test` only looks whether it is up to date.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toJsonSchema } from '@valibot/to-json-schema';
import { CONFIG_SCHEMA } from '../src/client/config/config-schema.ts';
import { root } from './checks/run-captured.ts';
import type { StepResult } from './checks/step.ts';

const DIALECT = 'http://json-schema.org/draft-07/schema#';
const FILE = join(root, 'docs', 'config.schema.json');

/** Fails when the file is not what would be made now. */
export function checkConfigSchema(): StepResult {
  const found = existsSync(FILE) ? readFileSync(FILE, 'utf8') : null;
  if (found === makeSchema()) return { ok: true, output: '' };
  return { ok: false, output: 'docs/config.schema.json is stale: run `npm run docs`\n' };
}

function makeSchema(): string {
  return `${JSON.stringify({ $schema: DIALECT, ...toJsonSchema(CONFIG_SCHEMA) }, null, 2)}\n`;
}

export function writeConfigSchema(): void {
  writeFileSync(FILE, makeSchema());
}
