import { CHECKS } from './checks/read-checks.ts';
import { SECRETS_FIELD } from './parse/config-fields.ts';
import { type JsonSchema, schemaOf } from './parse/fields.ts';
import { NODE_FIELDS } from './parse/node-fields.ts';
import { FILE_FIELDS, TEST_FIELDS } from './parse/test-fields.ts';

const SCHEMA_ADDRESS = 'https://unpkg.com/rexa/docs/smoke.schema.json';

/** The first line of a file, by which editors find the schema. */
export const SCHEMA_LINE = `# yaml-language-server: $schema=${SCHEMA_ADDRESS}`;

/** The JSON Schema of a file of tests, made from the tables that read it; docs/smoke.schema.json holds it. */
export function makeSuiteSchema(): JsonSchema {
  return {
    title: 'Smoke tests of rexa',
    type: 'object',
    properties: {
      nodes: {
        type: 'object',
        additionalProperties: schemaOf(NODE_FIELDS),
        description: 'Hosts of this file, by their names',
      },
      config: FILE_FIELDS.config.schema,
      tests: {
        type: 'object',
        additionalProperties: schemaOf(TEST_FIELDS),
        description: 'Tests, by their titles',
      },
      setup: FILE_FIELDS.setup.schema,
      teardown: FILE_FIELDS.teardown.schema,
      secrets: SECRETS_FIELD.schema,
      ...Object.fromEntries(Object.entries(CHECKS).map(([key, { schema }]) => [key, schema])),
    },
    anyOf: ['tests', ...Object.keys(CHECKS)].map((key) => ({ required: [key] })),
    additionalProperties: false,
  };
}
