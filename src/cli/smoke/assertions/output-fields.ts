import { createHash } from 'node:crypto';
import {
  anything,
  type Field,
  filledText,
  integer,
  mapped,
  oneOrMore,
  readFields,
  readText,
  recordOf,
  schemaOf,
  text,
  unexpected,
  writtenText,
} from '../parse/fields.ts';
import { MistakeError, showKey } from '../parse/mistake.ts';
import { isMap, isNothing, scalarOf, type YamlValue } from '../parse/yaml-value.ts';
import type { OutputCheck } from './checked-output.ts';
import { normalizeText, trimNewlines } from './go-text.ts';
import { readJsonPaths } from './json-checks.ts';
import { type Check, check, checkPattern, compareTexts, quote, readPattern } from './make-check.ts';
import { checkSchema } from './schema-checks.ts';
import { readSnapshotField } from './snapshot-checks.ts';
import { readXmlPaths } from './xml-checks.ts';

const newlineFree = (about: string) => mapped(text(about), trimNewlines);

const MOST_LINES = 10_000_000;
const MOST_BYTES = Number.MAX_SAFE_INTEGER;

const contains = (wanted: string): Check =>
  check(`contains ${JSON.stringify(wanted)}`, ({ text: got }) =>
    got.includes(wanted) ? null : { message: `does not contain ${quote(wanted)}`, expected: wanted },
  );

/** The assertions about stdout and stderr: the parser, the checks, the JSON Schema and `explain` read this table. */
export const OUTPUT_FIELDS = {
  contains: checks(oneOrMore('Texts that are in it', newlineFree('A text that is in it')), (texts) =>
    texts.map(contains),
  ),
  'not-contains': checks(
    oneOrMore('Texts that are not in it', newlineFree('A text that is not in it')),
    (texts) =>
      texts.map((wanted) =>
        check(`does not contain ${JSON.stringify(wanted)}`, ({ text: got }) =>
          got.includes(wanted) ? { message: `contains ${quote(wanted)}` } : null,
        ),
      ),
  ),
  exactly: checks(newlineFree('The whole text; `""`: nothing was written'), (wanted) => [
    check(`is exactly ${JSON.stringify(wanted)}`, ({ text: got }) =>
      compareTexts(wanted, got, 'is another text'),
    ),
  ]),
  'line-count': checks(integer('How many lines it has', 0, MOST_LINES), (wanted) => [
    check(`has ${wanted} lines`, ({ text: got }) => {
      const count = got === '' ? 0 : got.split('\n').length;
      return count === wanted
        ? null
        : {
            message: `has ${countLines(count)}, not ${wanted}`,
            expected: String(wanted),
            actual: String(count),
          };
    }),
  ]),
  lines: checks(
    recordOf('Lines by their numbers, from 1', newlineFree('The whole line'), (key) =>
      /^[1-9]\d*$/.test(key) ? null : `${showKey(key)} is not the number of a line; the first one is 1`,
    ),
    (lines) => [...lines].map(([number, wanted]) => checkLine(Number(number), wanted)),
  ),
  json: checks(readJsonPaths(), (paths) => paths),
  xml: checks(readXmlPaths(), (paths) => paths),
  file: checks(filledText('A file here that has the same text, relative to the working folder'), (path) => [
    check(`is the text of the file ${path}`, async ({ text: got }, files) => {
      const bytes = await files.read(path);
      if (bytes === null) return { message: `there is no file ${path}` };
      return compareTexts(normalizeText(bytes.toString('utf8')), got, `is not the text of ${path}`);
    }),
  ]),
  matches: checks(
    oneOrMore(
      'Regular expressions that match it; ^ and $ stand at lines',
      mapped(filledText('A regular expression'), readPattern),
    ),
    (patterns) => patterns.map(checkPattern),
  ),
  'equals-file': checks(filledText('A file here that has the same bytes'), (path) => [
    check(`has the bytes of the file ${path}`, async ({ bytes, whole }, files) => {
      const wanted = await files.read(path);
      if (wanted === null) return { message: `there is no file ${path}` };
      if (wanted.equals(bytes)) return null;
      const message = `differs from ${path}: ${bytes.length} bytes, and the file has ${wanted.length}`;
      return { message, expected: wanted.toString('utf8'), actual: whole };
    }),
  ]),
  snapshot: checks(readSnapshotField(), (found) => found),
  'json-schema': checks(
    anything('A JSON Schema that it meets, or the name of a file that holds one'),
    (schema, value) => [checkSchema(schema, value)],
  ),
  size: checks(integer('How many bytes it has', 0, MOST_BYTES), (wanted) => [
    check(`has ${wanted} bytes`, ({ bytes }) =>
      bytes.length === wanted
        ? null
        : {
            message: `has ${bytes.length} bytes, not ${wanted}`,
            expected: String(wanted),
            actual: String(bytes.length),
          },
    ),
  ]),
  sha256: checks(
    mapped(writtenText('The SHA-256 of its bytes, in hexadecimal'), (found, value) => {
      if (/^[0-9a-f]{64}$/i.test(found)) return found.toLowerCase();
      throw new MistakeError(value.place, 'a SHA-256 is 64 hexadecimal digits');
    }),
    (wanted) => [
      check(`has the SHA-256 ${wanted}`, ({ bytes }) => {
        const got = createHash('sha256').update(bytes).digest('hex');
        return got === wanted ? null : { message: 'has another SHA-256', expected: wanted, actual: got };
      }),
    ],
  ),
  replaced: checks(integer('How many characters could not be mapped', 0, MOST_BYTES), (wanted) => [
    check(`has ${wanted} characters that could not be mapped`, ({ replaced }) =>
      replaced === wanted
        ? null
        : { message: `has ${replaced} characters that could not be mapped, not ${wanted}` },
    ),
  ]),
} as const satisfies Readonly<Record<string, Field<readonly Check[]>>>;

/** Assertions that are about bytes: with one of them, and without `encoding`, a test's output is not transcoded. */
const ABOUT_BYTES: readonly string[] = ['equals-file', 'size', 'sha256'];

export function needsBytes(found: readonly OutputCheck[]): boolean {
  return found.some(({ key }) => ABOUT_BYTES.includes(key));
}

/** What may be asserted of the screen of a terminal. */
export const SCREEN_FIELDS = {
  contains: OUTPUT_FIELDS.contains,
  'not-contains': OUTPUT_FIELDS['not-contains'],
  exactly: OUTPUT_FIELDS.exactly,
  'line-count': OUTPUT_FIELDS['line-count'],
  lines: OUTPUT_FIELDS.lines,
  file: OUTPUT_FIELDS.file,
  matches: OUTPUT_FIELDS.matches,
  snapshot: OUTPUT_FIELDS.snapshot,
} as const;

/**
 * stdout or stderr of a test: a text that it contains, or a map of assertions.
 * @param table what may be asserted
 */
export function outputField(
  about: string,
  table: Readonly<Record<string, Field<readonly Check[]>>> = OUTPUT_FIELDS,
): Field<readonly OutputCheck[]> {
  return {
    about,
    schema: { anyOf: [{ type: ['string', 'null'] }, schemaOf(table)], description: about },
    read(value) {
      if (isNothing(value)) return [];
      if (typeof scalarOf(value) === 'string') {
        return [{ key: 'contains', ...contains(trimNewlines(readText(value))) }];
      }
      if (!isMap(value)) {
        const isPlain = scalarOf(value) !== undefined;
        throw unexpected(value, 'a text or a map', isPlain ? ': put it in quotes' : '');
      }
      const { values } = readFields(value, table);
      return Object.entries(values).flatMap(([key, found = []]) => found.map((each) => ({ key, ...each })));
    },
  };
}

/** A field whose values become checks. */
function checks<Found>(
  field: Field<Found>,
  make: (found: Found, value: YamlValue) => readonly Check[],
): Field<readonly Check[]> {
  return {
    ...field,
    read: (value) => {
      // As in commander, a key without a value asserts nothing
      if (isNothing(value)) return [];
      return make(field.read(value), value);
    },
  };
}

function checkLine(number: number, wanted: string): Check {
  return check(`has ${JSON.stringify(wanted)} as line ${number}`, ({ text: got, lines }) => {
    const line = lines[number - 1];
    if (line === undefined) return { message: `has no line ${number}`, expected: wanted, actual: got };
    return compareTexts(wanted, line, `has another line ${number}`);
  });
}

function countLines(count: number): string {
  return count === 1 ? '1 line' : `${count} lines`;
}
