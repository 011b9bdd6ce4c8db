import { unexpected } from '../parse/fields.ts';
import type { YamlValue } from '../parse/yaml-value.ts';
import type { CheckFiles } from './checked-output.ts';
import { NO_JSON, readJson } from './json-text.ts';
import { type Check, check } from './make-check.ts';

/** Judges JSON by a schema. @throws MistakeError */
export function checkSchema(schema: unknown, value: YamlValue): Check {
  const isObject = typeof schema === 'object' && schema !== null && !Array.isArray(schema);
  if (!isObject && typeof schema !== 'string' && typeof schema !== 'boolean')
    throw unexpected(value, 'a JSON Schema or the name of a file');
  const words = typeof schema === 'string' ? `the JSON Schema of ${schema}` : 'a JSON Schema';
  return check(`meets ${words}`, async ({ text: got }, files) => {
    const found = await loadSchema(schema, files);
    if ('message' in found) return found;
    const json = readJson(got);
    if (json === NO_JSON) return { message: 'is no JSON, so that it meets no JSON Schema' };
    const { Validator } = await import('@cfworker/json-schema');
    try {
      const { valid, errors } = new Validator(found.schema as object, '2020-12', false).validate(json);
      if (valid) return null;
      const reasons = errors.map(({ instanceLocation, error }) => `${instanceLocation}: ${error}`);
      return { message: `does not meet ${words}: ${reasons.join('; ')}` };
    } catch (error) {
      return { message: `${words} cannot be used: ${(error as Error).message}` };
    }
  });
}

async function loadSchema(
  schema: unknown,
  files: CheckFiles,
): Promise<{ readonly schema: unknown } | { readonly message: string }> {
  if (typeof schema !== 'string') return { schema };
  const bytes = await files.read(schema);
  if (bytes === null) return { message: `there is no file ${schema}` };
  try {
    return { schema: JSON.parse(bytes.toString('utf8')) as unknown };
  } catch (error) {
    return { message: `${schema} is no JSON: ${(error as Error).message}` };
  }
}
