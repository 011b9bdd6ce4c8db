import { toJsonSchema } from '@valibot/to-json-schema';
import { REPORT_SCHEMA } from '../../src/cli/smoke/report/json.ts';
import { makeSuiteSchema } from '../../src/cli/smoke/schema.ts';
import { CONFIG_SCHEMA } from '../../src/client/config/config-schema.ts';

const DIALECT = 'http://json-schema.org/draft-07/schema#';

const SCHEMAS = {
  config: toJsonSchema(CONFIG_SCHEMA),
  smoke: makeSuiteSchema(),
  'smoke-report': REPORT_SCHEMA,
};

/** Returns a JSON Schema of docs/, made from what reads the files. */
export function makeSchema(name: keyof typeof SCHEMAS): string {
  return `${JSON.stringify({ $schema: DIALECT, ...SCHEMAS[name] }, null, 2)}\n`;
}
