import { isUtf8 } from 'node:buffer';
import type * as yamlTypes from 'yaml';
import type { Document, LineCounter, Node, Pair, Scalar } from 'yaml';
import { findBadLine, type Place, placeOf, placeOfNode, START } from '../../../config/yaml-place.ts';
import { type Mistake, MistakeError, SuiteError, sortMistakes } from './mistake.ts';

type Yaml = Omit<typeof yamlTypes, 'default'>;

/** One file as it was parsed. */
export interface YamlSource {
  readonly file: string;
  /** What was found to be wrong so far; grows. */
  readonly mistakes: Mistake[];
  /** What does not stop a run and should be known; grows. */
  readonly warnings: Mistake[];
  /** Checks that need a package which is loaded late; done before anything runs. */
  readonly later: (() => Promise<void>)[];
  readonly yaml: Yaml;
  readonly document: Document.Parsed;
  readonly lines: LineCounter;
}

/** A value in a file, at its place. */
export interface YamlValue {
  readonly source: YamlSource;
  /** Null: nothing stands there. An alias is resolved. */
  readonly node: Node | null;
  readonly place: Place;
  /** What `{{NAME}}` stands for in texts. */
  readonly values: ReadonlyMap<string, string>;
}

/** One line of a map. */
export interface YamlEntry {
  readonly key: string;
  readonly keyPlace: Place;
  readonly value: YamlValue;
}

const ONE_DOCUMENT = 'a second document begins here: a file holds one, write the tests of both into it';
const TOO_DEEP = 'it is nested too deeply';
/** What V8 says, which the parser passes on as an error at the place that it had reached. */
const STACK_OVERFLOW = /call stack|stack overflow/i;

/**
 * Parses YAML 1.2 with merge keys, strictly: one document, no key twice, no unknown tags or anchors.
 * @param file what the file is called in messages
 * @throws SuiteError
 */
export async function parseYaml(bytes: Buffer, file: string, maxBytes: number): Promise<YamlValue> {
  const refuse = (place: Place, reason: string): SuiteError => new SuiteError([{ file, place, reason }]);
  if (bytes.length > maxBytes)
    throw refuse(START, `the file has ${bytes.length} bytes; at most ${maxBytes} are read`);
  const badByte = findBadByte(bytes);
  if (badByte !== null) throw refuse(badByte.place, badByte.reason);
  // In the bundle, a package in CommonJS has this one export
  const yaml = (await import('yaml')).default;
  const lines = new yaml.LineCounter();
  const explain = ({ code, pos, message }: yamlTypes.YAMLError): Mistake => ({
    file,
    place: placeOf(lines, pos[0]),
    reason: code === 'MULTIPLE_DOCS' ? ONE_DOCUMENT : message,
  });
  try {
    const document = yaml.parseDocument(bytes.toString('utf8').replace(/^\ufeff/, ''), {
      lineCounter: lines,
      prettyErrors: false,
      strict: true,
      merge: true,
      // Told with the place of the second one
      uniqueKeys: false,
    });
    const problems = [...document.errors, ...document.warnings];
    const deep = problems.find(({ message }) => STACK_OVERFLOW.test(message));
    if (deep !== undefined) throw refuse(placeOf(lines, deep.pos[0]), TOO_DEEP);
    if (problems.length > 0) throw new SuiteError(sortMistakes(dropConsequences(problems).map(explain)));
    const source: YamlSource = { file, mistakes: [], warnings: [], later: [], yaml, document, lines };
    return makeValue(source, document.contents, START, new Map());
  } catch (cause) {
    if (cause instanceof SuiteError) throw cause;
    if (cause instanceof MistakeError) throw refuse(cause.place, cause.message);
    throw refuse(START, cause instanceof RangeError ? TOO_DEEP : (cause as Error).message);
  }
}

/** Errors of syntax behind the first one are its consequences; an unknown tag is an error of its own. */
function dropConsequences(problems: readonly yamlTypes.YAMLError[]): readonly yamlTypes.YAMLError[] {
  const [first] = problems
    .filter(({ code }) => code !== 'TAG_RESOLVE_FAILED')
    .toSorted((a, b) => a.pos[0] - b.pos[0]);
  return problems.filter((each) => each === first || each.code === 'TAG_RESOLVE_FAILED');
}

/** @throws MistakeError for an alias of nothing, or of itself */
function makeValue(
  source: YamlSource,
  node: unknown,
  around: Place,
  values: ReadonlyMap<string, string>,
): YamlValue {
  const { yaml, document, lines } = source;
  const place = placeOfNode(lines, node) ?? around;
  if (!yaml.isAlias(node)) return { source, node: (node as Node | null | undefined) ?? null, place, values };
  const resolved = node.resolve(document);
  if (resolved === undefined) throw new MistakeError(place, `nothing is called &${node.source} before this`);
  return { source, node: resolved, place, values };
}

/** What stands at a place, for a sentence. */
export function describeValue({ node, source: { yaml } }: YamlValue): string {
  if (node === null) return 'nothing';
  if (yaml.isMap(node)) return 'a map';
  if (yaml.isSeq(node)) return 'a list';
  const { value } = node as Scalar;
  if (value === null) return 'nothing';
  if (typeof value === 'boolean') return String(value);
  if (value instanceof Uint8Array) return 'bytes (!!binary)';
  return typeof value === 'string' ? 'a text' : 'a number';
}

/** Whether nothing stands there, or `null`. */
export function isNothing({ node, source: { yaml } }: YamlValue): boolean {
  return node === null || (yaml.isScalar(node) && node.value === null);
}

/** The value of a scalar: a text, a number, a boolean or null; undefined: it is a list, a map or bytes. */
export function scalarOf({
  node,
  source: { yaml },
}: YamlValue): string | number | boolean | null | undefined {
  if (node === null) return null;
  if (!yaml.isScalar(node) || node.value instanceof Uint8Array) return undefined;
  return node.value as string | number | boolean | null;
}

/** A scalar as it is written: `1.10` and `010` are texts too. Undefined: as of `scalarOf`. */
export function writtenOf(value: YamlValue): string | undefined {
  const scalar = scalarOf(value);
  if (scalar === undefined) return undefined;
  if (typeof scalar === 'string') return substitute(scalar, value.values);
  return value.node === null || scalar === null
    ? ''
    : ((value.node as Scalar & { source?: string }).source ?? String(scalar));
}

/** What is written `{{NAME}}` becomes its value; what is called otherwise stays. */
function substitute(text: string, values: ReadonlyMap<string, string>): string {
  if (values.size === 0) return text;
  return text.replace(/\{\{\s*([\w-]+)\s*\}\}/g, (written, name: string) => values.get(name) ?? written);
}

export function isList({ node, source: { yaml } }: YamlValue): boolean {
  return yaml.isSeq(node);
}

export function isMap({ node, source: { yaml } }: YamlValue): boolean {
  return yaml.isMap(node);
}

/** The values of a list. */
export function itemsOf(value: YamlValue): readonly YamlValue[] {
  const { node, source, place, values } = value;
  return source.yaml.isSeq(node) ? node.items.map((item) => makeValue(source, item, place, values)) : [];
}

/** The lines of a map, those that it merges (`<<`) behind its own. @throws MistakeError */
export function entriesOf(value: YamlValue): readonly YamlEntry[] {
  return [...collectEntries(value, new Set()).values()];
}

function collectEntries(value: YamlValue, seen: ReadonlySet<unknown>): Map<string, YamlEntry> {
  const { node, place } = value;
  if (seen.has(node)) throw new MistakeError(place, 'it contains itself');
  const { own, merged } = readOwnEntries(value);
  for (const each of merged) {
    if (!isMap(each)) throw new MistakeError(each.place, `<< takes a map, not ${describeValue(each)}`);
    for (const [key, entry] of collectEntries(each, new Set([...seen, node])))
      if (!own.has(key)) own.set(key, entry);
  }
  return own;
}

/** What stands in a map itself, and what it merges. */
function readOwnEntries({ node, source, place, values }: YamlValue): {
  readonly own: Map<string, YamlEntry>;
  readonly merged: readonly YamlValue[];
} {
  const own = new Map<string, YamlEntry>();
  const merged: YamlValue[] = [];
  for (const pair of source.yaml.isMap(node) ? node.items : []) {
    const keyPlace = placeOfNode(source.lines, pair.key) ?? place;
    const key = readKey(source, pair, keyPlace);
    const value = makeValue(source, pair.value, keyPlace, values);
    if (key === '<<') {
      merged.push(...(isList(value) ? itemsOf(value) : [value]));
      continue;
    }
    if (own.has(key))
      source.mistakes.push({
        file: source.file,
        place: keyPlace,
        reason: `the key ${key} stands here twice`,
      });
    own.set(key, { key: substitute(key, values), keyPlace, value });
  }
  return { own, merged };
}

function readKey({ yaml }: YamlSource, { key }: Pair, place: Place): string {
  const merge: unknown = yaml.isScalar(key) ? key.value : undefined;
  if (typeof merge === 'symbol') return '<<';
  if (!yaml.isScalar(key)) throw new MistakeError(place, 'a key is a text here');
  return typeof key.value === 'string' ? key.value : (key.source ?? String(key.value));
}

/** The value as JavaScript has it: for what is passed on as it is. @throws MistakeError */
export function plainOf(value: YamlValue): unknown {
  const { node, source, place } = value;
  if (node === null) return null;
  try {
    return node.toJS(source.document, { maxAliasCount: 100 }) as unknown;
  } catch (error) {
    throw new MistakeError(place, (error as Error).message);
  }
}

const UTF16_MARKS = [Buffer.from([0xff, 0xfe]), Buffer.from([0xfe, 0xff])];

/** The first byte that no text has. */
function findBadByte(bytes: Buffer): { readonly place: Place; readonly reason: string } | null {
  if (UTF16_MARKS.some((mark) => bytes.subarray(0, 2).equals(mark)))
    return { place: START, reason: 'the file is written in UTF-16: save it as UTF-8' };
  const zero = bytes.indexOf(0);
  if (zero !== -1)
    return { place: placeInBytes(bytes, zero), reason: 'this is a NUL byte: the file is no text' };
  return isUtf8(bytes) ? null : { place: findBadLine(bytes), reason: 'this line is not UTF-8' };
}

function placeInBytes(bytes: Buffer, offset: number): Place {
  const before = bytes.subarray(0, offset);
  const lastNewline = before.lastIndexOf(0x0a);
  const line = before.reduce((count, byte) => count + (byte === 0x0a ? 1 : 0), 1);
  return { line, column: offset - lastNewline };
}
