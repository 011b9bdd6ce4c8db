import path from 'node:path';
import * as v from 'valibot';
import { type FileGuard, readGuardedFile } from '../auth/guarded-file.ts';
import { RexaError } from '../protocol/errors.ts';
import { MAX_CONFIG_BYTES } from './limits.ts';
import { isListForMap } from './strict-map.ts';
import { invalidPlace, readYaml, type Step, type YamlText } from './yaml-text.ts';

/** Something that the shape of a file does not show: an alias that two hosts have. */
export interface ConfigProblem {
  readonly path: readonly Step[];
  /** Whether the key is wrong, or the value behind it. */
  readonly what: 'key' | 'value';
  readonly reason: string;
}

/** What a configuration is checked by. */
export interface ConfigKind<Schema extends v.GenericSchema> {
  readonly schema: Schema;
  /** Called with a value of the right shape. */
  readonly check?: (value: v.InferOutput<Schema>) => Iterable<ConfigProblem>;
}

/**
 * Reads a configuration: YAML of the right shape, that nobody else may write. Without a file nothing of YAML is loaded.
 * @returns null if there is no such file
 * @throws RexaError CONFIG_INVALID with file, line and column of the first problem; AUTH_FILE_UNSAFE with the command
 * that mends it, AUTH_FILE_UNREADABLE, AUTH_FILE_TOO_LARGE
 */
export async function readConfigFile<Schema extends v.GenericSchema>(
  file: string,
  kind: ConfigKind<Schema>,
): Promise<v.InferOutput<Schema> | null> {
  // As for known_hosts: what is above its own folder may be shared, like a sticky /tmp
  const guard: FileGuard = { kind: 'trusted', maxBytes: MAX_CONFIG_BYTES, home: path.dirname(file) };
  const content = await readGuardedFile(file, guard);
  if (content === null || content === 'unchanged') return null;
  return checkConfig(await readYaml(content.bytes, file), file, kind);
}

/** @throws RexaError CONFIG_INVALID */
function checkConfig<Schema extends v.GenericSchema>(
  text: YamlText,
  file: string,
  { schema, check }: ConfigKind<Schema>,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, text.value);
  const problems = result.success ? [...(check?.(result.output) ?? [])] : result.issues.map(toProblem);
  const [first] = problems
    .map(({ path: way, what, reason }) => ({ place: text.locate(way, what), reason }))
    .toSorted((a, b) => a.place.line - b.place.line || a.place.column - b.place.column);
  if (first === undefined && result.success) return result.output;
  throw first === undefined
    ? new RexaError('INTERNAL', ['a configuration is wrong, and nothing in it'])
    : invalidPlace(file, first.place, first.reason);
}

function toProblem(issue: v.BaseIssue<unknown>): ConfigProblem {
  const steps = (issue.path ?? []).map(({ key }) => (typeof key === 'number' ? key : String(key)));
  const reason = issue.message;
  if (isListForMap(issue)) return { path: steps.slice(0, -1), what: 'value', reason };
  return { path: steps, what: issue.path?.at(-1)?.origin === 'key' ? 'key' : 'value', reason };
}
