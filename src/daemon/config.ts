import path from 'node:path';
import * as v from 'valibot';
import type {
  ListOption,
  OptionSpec,
  OptionTable,
  OptionValues,
  ValueOption,
} from '../command-line/option-table.ts';
import { readConfigFile } from '../config/config-file.ts';
import { expectType, strictMap } from '../config/strict-map.ts';
import { resolveNamed } from '../places/home-folder.ts';
import { RexaError } from '../protocol/errors.ts';

/** What a configuration says: the options of the command line that stand in it, read as there. */
export type ConfiguredValues<Table extends OptionTable> = Partial<OptionValues<Table>>;

/** Options that only a person at a command line means. */
const NOT_CONFIGURED: readonly string[] = ['config', 'help', 'rights', 'stdio', 'version'];

/**
 * Reads a configuration of rexad: a map of the options that its command line has, under the same names. What may be
 * repeated there is a list here. Paths are relative to the file's own folder, or begin with `~/`.
 * @param file an absolute path
 * @throws RexaError CONFIG_MISSING, CONFIG_INVALID with the place, AUTH_FILE_UNSAFE, AUTH_FILE_UNREADABLE,
 * AUTH_FILE_TOO_LARGE
 */
export async function readDaemonConfig<Table extends OptionTable>(
  file: string,
  options: Table,
): Promise<ConfiguredValues<Table>> {
  const entries: Record<string, v.GenericSchema> = {};
  for (const [name, spec] of Object.entries(options)) {
    if (spec.kind === 'refused' || spec.hidden === true || NOT_CONFIGURED.includes(name)) continue;
    entries[name] = v.optional(schemaOf(spec, path.dirname(file)));
  }
  const values = await readConfigFile(file, { schema: strictMap(entries) });
  if (values === null) throw new RexaError('CONFIG_MISSING', [file]);
  return values as ConfiguredValues<Table>;
}

function schemaOf(spec: Exclude<OptionSpec, { kind: 'refused' }>, folder: string): v.GenericSchema {
  switch (spec.kind) {
    case 'flag':
      return v.boolean(expectType('true or false'));
    case 'optional':
      return v.union([v.boolean(), v.string()], expectType('true, false or text'));
    case 'count':
      return v.pipe(v.number(expectType('a number')), v.integer(), v.minValue(0));
    case 'value':
      return valueSchema(spec, folder);
    case 'list':
      return v.pipe(
        v.unknown(),
        v.transform((value) => (Array.isArray(value) ? (value as unknown[]) : [value])),
        v.array(valueSchema(spec, folder)),
      );
    default:
      return spec satisfies never;
  }
}

/** A text, or a number that is one on the command line too, validated by the option itself. */
function valueSchema(spec: ValueOption<unknown> | ListOption<unknown>, folder: string): v.GenericSchema {
  return v.pipe(
    v.union([v.string(), v.number()], expectType(`a text (${spec.placeholder})`)),
    v.rawTransform(({ dataset, addIssue, NEVER }) => {
      try {
        const value = spec.read(String(dataset.value));
        return spec.choices === 'files' ? resolveNamed(String(value), folder) : value;
      } catch (error) {
        if (!(error instanceof RexaError)) throw error;
        addIssue({ message: error.message });
        return NEVER;
      }
    }),
  );
}
