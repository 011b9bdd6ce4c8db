import { type ConfigValues, mergeConfig } from '../parse/config-fields.ts';
import {
  attempt,
  type FieldTable,
  type FieldValues,
  type JsonSchema,
  mapOf,
  readFields,
  schemaOf,
} from '../parse/fields.ts';
import { MistakeError } from '../parse/mistake.ts';
import { makeExpectation, type ReadTest, readChoice, readSettings } from '../parse/read-test.ts';
import type { YamlEntry, YamlValue } from '../parse/yaml-value.ts';
import type { CheckKind, COMMON_CHECK_FIELDS } from './check-kind.ts';
import { FILE_CHECK } from './file-check.ts';
import { HTTP_CHECK } from './http-check.ts';
import { PORT_CHECK } from './port-check.ts';
import { PROCESS_CHECK } from './process-check.ts';

/** A kind of checks, whatever its fields are. */
interface AnyCheck {
  readonly schema: JsonSchema;
  read(value: YamlValue, config: ConfigValues): readonly ReadTest[];
}

/** The checks that a file may hold, by their keys. */
export const CHECKS: Readonly<Record<string, AnyCheck>> = {
  http: bind(HTTP_CHECK),
  port: bind(PORT_CHECK),
  file: bind(FILE_CHECK),
  process: bind(PROCESS_CHECK),
};

function bind<Table extends FieldTable & typeof COMMON_CHECK_FIELDS>(kind: CheckKind<Table>): AnyCheck {
  return {
    schema: {
      type: ['object', 'null'],
      description: kind.about,
      additionalProperties: schemaOf(kind.fields),
    },
    read: (value, config) =>
      mapOf(value).flatMap((entry) => attempt(value, () => [readCheck(kind, entry, config)]) ?? []),
  };
}

/** @throws MistakeError */
function readCheck<Table extends FieldTable & typeof COMMON_CHECK_FIELDS>(
  kind: CheckKind<Table>,
  { key: name, keyPlace: place, value }: YamlEntry,
  global: ConfigValues,
): ReadTest {
  const { values } = readFields(value, kind.fields);
  const made = kind.make(name, values);
  if (typeof made === 'string') throw new MistakeError(place, made);
  const common: FieldValues<typeof COMMON_CHECK_FIELDS> = values;
  const config = mergeConfig(global, common.config ?? {});
  const title = common.title ?? `${kind.key} ${name}`;
  return {
    base: title,
    title,
    place,
    run: {
      ...readSettings(config),
      command: { kind: 'argv', argv: made.argv, shown: `a check: ${kind.key} ${name}` },
      stdin: made.stdin ?? null,
    },
    expect: makeExpectation({ stdout: made.stdout, stderr: made.stderr ?? [] }),
    ...readChoice(common, config),
    setup: [],
    teardown: [],
  };
}
