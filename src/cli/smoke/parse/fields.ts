import { suggestClosest } from '../../../command-line/closest-name.ts';
import type { Place } from '../../../config/yaml-place.ts';
import { MistakeError } from './mistake.ts';
import {
  describeValue,
  entriesOf,
  isList,
  isMap,
  isNothing,
  itemsOf,
  plainOf,
  scalarOf,
  writtenOf,
  type YamlValue,
} from './yaml-value.ts';

/** A JSON Schema, or a part of one. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** What may stand behind a key: one row of a table that the parser, the JSON Schema and the documentation are made from. */
export interface Field<Value> {
  readonly about: string;
  readonly schema: JsonSchema;
  /** @throws MistakeError */
  read(value: YamlValue): Value;
}

export type FieldTable = Readonly<Record<string, Field<unknown>>>;

/** What a map of such fields is read to; what is not written is absent. */
export type FieldValues<Table extends FieldTable> = {
  readonly [Name in keyof Table]?: Table[Name] extends Field<infer Value> ? Value : never;
};

/** Where the keys of a map stand. */
export type KeyPlaces = ReadonlyMap<string, Place>;

/**
 * Reads a map by a table. Mistakes are collected in the source, and what is right of the rest is read nevertheless.
 * @param elsewhere says of a key that belongs to another map where that is
 * @throws MistakeError when it is no map
 */
export function readFields<Table extends FieldTable>(
  value: YamlValue,
  table: Table,
  elsewhere: (key: string) => string | null = () => null,
): { readonly values: FieldValues<Table>; readonly places: KeyPlaces } {
  const found: Record<string, unknown> = {};
  const places = new Map<string, Place>();
  for (const { key, keyPlace, value: child } of mapOf(value)) {
    places.set(key, keyPlace);
    const field = Object.hasOwn(table, key) ? table[key] : undefined;
    attempt(value, () => {
      if (field === undefined) throw new MistakeError(keyPlace, describeUnknown(key, table, elsewhere(key)));
      found[key] = field.read(child);
    });
  }
  return { values: found as FieldValues<Table>, places };
}

/** Does what may find a mistake, and collects that. */
export function attempt<Result>({ source }: YamlValue, act: () => Result): Result | undefined {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof MistakeError)) throw error;
    source.mistakes.push({ file: source.file, place: error.place, reason: error.message });
    return undefined;
  }
}

function describeUnknown(key: string, table: FieldTable, hint: string | null): string {
  const known = Object.keys(table);
  return `unknown key ${key}${suggestClosest(key, known, `; ${hint ?? `valid keys: ${known.join(', ')}`}`)}`;
}

/** The lines of a map; nothing is an empty one. @throws MistakeError */
export function mapOf(value: YamlValue): ReturnType<typeof entriesOf> {
  if (isNothing(value)) return [];
  if (!isMap(value)) throw unexpected(value, 'a map');
  return entriesOf(value);
}

export function unexpected(value: YamlValue, what: string, hint = ''): MistakeError {
  return new MistakeError(value.place, `expected ${what}, not ${describeValue(value)}${hint}`);
}

const TEXT: JsonSchema = { type: 'string' };
const LOOSE_TEXT: JsonSchema = { type: ['string', 'number', 'boolean', 'null'] };

/** A text; a number has to be put in quotes. */
export function readText(value: YamlValue): string {
  const scalar = scalarOf(value);
  if (typeof scalar === 'string') return writtenOf(value) ?? '';
  const isPlain = typeof scalar === 'number' || typeof scalar === 'boolean';
  throw unexpected(value, 'a text', isPlain ? `: put it in quotes` : '');
}

export function text(about: string): Field<string> {
  return { about, schema: { ...TEXT, description: about }, read: readText };
}

/** A text that is not empty, or what is written as one: `command: true`, as in Go. */
export function filledText(about: string): Field<string> {
  return {
    about,
    schema: { type: ['string', 'number', 'boolean'], minLength: 1, description: about },
    read(value) {
      const found = readWritten(value);
      if (found === '') throw new MistakeError(value.place, 'this is empty');
      return found;
    },
  };
}

/** A text, or whatever is written as one: `1.10` is `1.10`. */
export function readWritten(value: YamlValue): string {
  const written = writtenOf(value);
  if (written === undefined) throw unexpected(value, 'a text');
  return written;
}

export function writtenText(about: string): Field<string> {
  return { about, schema: { ...LOOSE_TEXT, description: about }, read: readWritten };
}

export function integer(about: string, least: number, most: number): Field<number> {
  return {
    about,
    schema: { type: 'integer', minimum: least, maximum: most, description: about },
    read(value) {
      const scalar = scalarOf(value);
      const range = least === Number.MIN_SAFE_INTEGER ? '' : ` from ${least} to ${most}`;
      if (typeof scalar !== 'number') throw unexpected(value, `a whole number${range}`);
      if (!Number.isInteger(scalar) || scalar < least || scalar > most)
        throw new MistakeError(value.place, `expected a whole number${range}, not ${scalar}`);
      return scalar;
    },
  };
}

const YES: readonly unknown[] = [true, 'yes', 'on', 'Yes', 'On', 'YES', 'ON'];
const NO: readonly unknown[] = [false, 'no', 'off', 'No', 'Off', 'NO', 'OFF'];

/** As YAML 1.1 has it too. */
export function boolean(about: string): Field<boolean> {
  return {
    about,
    schema: { type: 'boolean', description: about },
    read(value) {
      const scalar = scalarOf(value);
      if (YES.includes(scalar)) return true;
      if (NO.includes(scalar)) return false;
      throw unexpected(value, 'true or false');
    },
  };
}

/** One of these words. */
export function oneOf<const Word extends string>(about: string, words: readonly Word[]): Field<Word> {
  return {
    about,
    schema: { enum: words, description: about },
    read(value) {
      const written = readWritten(value);
      const found = words.find((word) => word === written);
      if (found !== undefined) return found;
      const hint = suggestClosest(written, words);
      throw new MistakeError(value.place, `expected one of ${words.join(', ')}${hint}`);
    },
  };
}

export function listOf<Item>(about: string, item: Field<Item>): Field<readonly Item[]> {
  return {
    about,
    schema: { type: 'array', items: item.schema, description: about },
    read(value) {
      if (!isList(value)) throw unexpected(value, 'a list');
      return itemsOf(value).flatMap((each) => attempt(value, () => [item.read(each)]) ?? []);
    },
  };
}

/** A list, or one alone. */
export function oneOrMore<Item>(about: string, item: Field<Item>): Field<readonly Item[]> {
  const many = listOf(about, item);
  return {
    about,
    schema: { anyOf: [item.schema, { type: 'array', items: item.schema }], description: about },
    read: (value) => (isList(value) ? many.read(value) : isNothing(value) ? [] : [item.read(value)]),
  };
}

/** A map with keys of the user's own. */
export function recordOf<Item>(
  about: string,
  item: Field<Item>,
  checkKey: (key: string) => string | null = () => null,
): Field<ReadonlyMap<string, Item>> {
  return {
    about,
    schema: { type: 'object', additionalProperties: item.schema, description: about },
    read(value) {
      const found = new Map<string, Item>();
      for (const { key, keyPlace, value: child } of mapOf(value)) {
        attempt(value, () => {
          const reason = checkKey(key);
          if (reason !== null) throw new MistakeError(keyPlace, reason);
          found.set(key, item.read(child));
        });
      }
      return found;
    },
  };
}

/** Whatever stands there. */
export function anything(about: string): Field<unknown> {
  return { about, schema: { description: about }, read: plainOf };
}

/** A map that a table reads. */
export function mapField<Table extends FieldTable>(about: string, table: Table): Field<FieldValues<Table>> {
  return {
    about,
    schema: { ...schemaOf(table), description: about },
    read: (value) => readFields(value, table).values,
  };
}

/** The schema of a map that a table reads. */
export function schemaOf(table: FieldTable): JsonSchema {
  return {
    type: ['object', 'null'],
    properties: Object.fromEntries(Object.entries(table).map(([key, { schema }]) => [key, schema])),
    additionalProperties: false,
  };
}

/** A key without a value, or with an empty one, is as good as none: so commander has it. */
export function orNothing<Value>(field: Field<Value>): Field<Value | undefined> {
  return {
    ...field,
    read: (value) => (isNothing(value) || scalarOf(value) === '' ? undefined : field.read(value)),
  };
}

/** What another field reads, made into something else. */
export function mapped<From, To>(
  field: Field<From>,
  change: (found: From, value: YamlValue) => To,
): Field<To> {
  return { ...field, read: (value) => change(field.read(value), value) };
}
