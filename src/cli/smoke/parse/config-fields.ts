import { MAX_TIMEOUT_MS } from '../../../protocol/limits.ts';
import { MAX_PARALLEL_TESTS, MAX_TRIES } from '../limits.ts';
import {
  boolean,
  type Field,
  type FieldValues,
  filledText,
  integer,
  mapped,
  oneOrMore,
  orNothing,
  readWritten,
  recordOf,
  writtenText,
} from './fields.ts';
import { readGoDuration } from './go-duration.ts';
import { MistakeError, showKey } from './mistake.ts';

/** Milliseconds; 0 is none. */
export function duration(about: string): Field<number> {
  return {
    about,
    schema: { type: ['string', 'number'], description: about },
    read(value) {
      const written = readWritten(value);
      const found = readGoDuration(written);
      if (found === null) {
        const hint = /^\d+(?:\.\d+)?$/.test(written) ? `: ${written}s?` : '';
        throw new MistakeError(
          value.place,
          `expected a duration with its unit, such as 300ms, 5s or 1m30s, not '${written}'${hint}`,
        );
      }
      if (found > MAX_TIMEOUT_MS) throw new MistakeError(value.place, `'${written}' is too long`);
      return found;
    },
  };
}

const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Names and texts of variables. */
const ENV_FIELD = recordOf(
  'Variables for commands; $NAME in a value is a variable of this process',
  writtenText('Its value'),
  (key) => (VARIABLE.test(key) ? null : `${showKey(key)} is no name of a variable: letters, digits and _`),
);

const ENCODING = 'What commands write and read: host, auto, binary, gbk …';

const VARIABLE_NAME = mapped(filledText('The name of a variable'), (name, value) => {
  if (VARIABLE.test(name)) return name;
  throw new MistakeError(value.place, `${showKey(name)} is no name of a variable: letters, digits and _`);
});

export const SECRETS_FIELD = oneOrMore(
  'Names of variables whose values are shown as *** everywhere',
  VARIABLE_NAME,
);

/** What `config` may hold, of a file and of a test. */
export const CONFIG_FIELDS = {
  'inherit-env': orNothing(
    boolean('Give commands the variables of this process; on local and Unix sockets only'),
  ),
  env: ENV_FIELD,
  dir: orNothing(filledText('Where commands run. Default: here on local, elsewhere the home folder')),
  timeout: orNothing(duration('End a test after so long: 300ms, 5s, 1m30s')),
  retries: orNothing(integer('How often a test is tried at most, the first time included', 0, MAX_TRIES)),
  interval: orNothing(duration('How long to wait between two tries')),
  nodes: oneOrMore(
    'Where tests run: nodes of this file, hosts of the configuration, or addresses',
    filledText('A host'),
  ),
  encoding: filledText(ENCODING),
  parallel: integer(
    'How many tests run at once on a host; only for a whole file. Default: 1',
    1,
    MAX_PARALLEL_TESTS,
  ),
  secrets: SECRETS_FIELD,
} as const;

export type ConfigValues = FieldValues<typeof CONFIG_FIELDS>;

/** A test's `config` before that of its file. Variables of both are joined. */
export function mergeConfig(global: ConfigValues, own: ConfigValues): ConfigValues {
  const given = Object.entries(own).filter(
    ([, value]) =>
      value !== undefined && value !== 0 && value !== false && !(Array.isArray(value) && value.length === 0),
  );
  return {
    ...global,
    ...(Object.fromEntries(given) as ConfigValues),
    env: new Map([...(global.env ?? []), ...(own.env ?? [])]),
  };
}
