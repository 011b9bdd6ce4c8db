import { attempt, type Field, mapOf, unexpected } from '../parse/fields.ts';
import { MistakeError, showKey } from '../parse/mistake.ts';
import { scalarOf, writtenOf, type YamlValue } from '../parse/yaml-value.ts';
import { getByPath, NOTHING_THERE } from './gjson-get.ts';
import { type GjsonPath, parseGjsonPath } from './gjson-path.ts';
import { printGoValue } from './go-text.ts';
import { NO_JSON, readJson, readJsonLines, takeLinesPrefix } from './json-text.ts';
import { type Check, check, quote } from './make-check.ts';

/** What is expected of a value: a text is compared with what Go prints, all else with the value itself. */
interface WantedValue {
  readonly text: string;
  readonly matches: (found: unknown) => boolean;
}

function readWanted(value: YamlValue): WantedValue {
  const scalar = scalarOf(value);
  if (scalar === undefined) throw unexpected(value, 'a text, a number, true, false or null');
  if (typeof scalar === 'string') {
    const wanted = writtenOf(value) ?? '';
    return { text: wanted, matches: (found) => found !== null && printGoValue(found) === wanted };
  }
  return { text: String(scalar), matches: (found) => found === scalar };
}

/** Values by their paths. */
export function readJsonPaths(): Field<readonly Check[]> {
  const about = 'Values by their paths in the syntax of gjson';
  return {
    about,
    schema: {
      type: ['object', 'null'],
      additionalProperties: { type: ['string', 'number', 'boolean', 'null'] },
      description: about,
    },
    read: (value) =>
      mapOf(value).flatMap(
        ({ key, keyPlace, value: child }) =>
          attempt(value, () => {
            const { path, isLines } = takeLinesPrefix(key);
            const parsed = parseGjsonPath(path);
            if (typeof parsed === 'string')
              throw new MistakeError(keyPlace, `${showKey(key)} is no path: ${parsed}`);
            return checkJson(key, parsed, isLines, readWanted(child));
          }) ?? [],
      ),
  };
}

function checkJson(written: string, path: GjsonPath, isLines: boolean, wanted: WantedValue): Check {
  return check(`has ${quote(wanted.text)} at ${written}`, ({ text: got }) => {
    const value = isLines ? readJsonLines(got) : readJson(got);
    if (value === NO_JSON) return { message: `is no JSON, so that it has nothing at ${written}` };
    const found = getByPath(value, path);
    if (wanted.matches(found)) return null;
    if (found === NOTHING_THERE || found === null)
      return { message: `has nothing at the path ${written}`, expected: wanted.text };
    const text = printGoValue(found);
    return { message: `has another value at ${written}`, expected: wanted.text, actual: text };
  });
}
