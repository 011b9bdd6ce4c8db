import { describe, expect, it } from 'vitest';
import { getByPath, NOTHING_THERE } from '../../../../src/cli/smoke/assertions/gjson-get.ts';
import { parseGjsonPath } from '../../../../src/cli/smoke/assertions/gjson-path.ts';
import { printGoValue } from '../../../../src/cli/smoke/assertions/go-text.ts';
import { NO_JSON, readJson, readJsonLines } from '../../../../src/cli/smoke/assertions/json-text.ts';

/** The document of gjson's own README. */
const DOCUMENT = {
  name: { first: 'Tom', last: 'Anderson' },
  age: 37,
  children: ['Sara', 'Alex', 'Jack'],
  'fav.movie': 'Deer Hunter',
  friends: [
    { first: 'Dale', last: 'Murphy', age: 44, nets: ['ig', 'fb', 'tw'] },
    { first: 'Roger', last: 'Craig', age: 68, nets: ['fb', 'tw'] },
    { first: 'Jane', last: 'Murphy', age: 47, nets: ['ig', 'tw'] },
  ],
  nothing: null,
  '': 'empty',
  '#': 'sharp',
  __proto: { __proto__: null },
};

function get(path: string): unknown {
  const parsed = parseGjsonPath(path);
  if (typeof parsed === 'string') throw new Error(parsed);
  return getByPath(DOCUMENT, parsed);
}

describe('a path of gjson', () => {
  it.each<[string, unknown]>([
    ['name.last', 'Anderson'],
    ['age', 37],
    ['children', ['Sara', 'Alex', 'Jack']],
    ['children.#', 3],
    ['children.1', 'Alex'],
    ['child*.2', 'Jack'],
    ['c?ildren.0', 'Sara'],
    [String.raw`fav\.movie`, 'Deer Hunter'],
    ['friends.#.first', ['Dale', 'Roger', 'Jane']],
    ['friends.1.last', 'Craig'],
    ['friends.#(last=="Murphy").first', 'Dale'],
    ['friends.#(last=="Murphy")#.first', ['Dale', 'Jane']],
    ['friends.#(age>45)#.last', ['Craig', 'Murphy']],
    ['friends.#(age<=44).first', 'Dale'],
    ['friends.#(first%"D*").last', 'Murphy'],
    ['friends.#(first!%"D*").last', 'Craig'],
    ['friends.#(last!="Murphy").first', 'Roger'],
    ['friends.#(nets.#(=="fb"))#.first', ['Dale', 'Roger']],
    ['children.#(%"*a*")#', ['Sara', 'Jack']],
    ['friends.#.nets.0', ['ig', 'fb', 'ig']],
    ['friends.#.first|0', 'Dale'],
    ['friends.#.nets|#', 3],
    ['nothing', null],
    ['#', 'sharp'],
    ['children.9', NOTHING_THERE],
    ['children.-1', NOTHING_THERE],
    ['children.x', NOTHING_THERE],
    ['age.x', NOTHING_THERE],
    ['toString', NOTHING_THERE],
    ['friends.#(last=="Nobody").first', NOTHING_THERE],
    ['friends.#.missing', []],
  ])('%s leads to %j', (path, value) => {
    expect(get(path)).toEqual(value);
  });

  it.each([
    ['@reverse', /modifiers/],
    ['children.@reverse', /modifiers/],
    ['{a,b}', /multipaths/],
    ['[a,b]', /multipaths/],
    ['!"x"', /literals/],
    ['friends.#(age>45', /no \)/],
    ['friends.#(a==~true)', /~/],
  ])('%s is refused by name', (path, reason) => {
    expect(parseGjsonPath(path)).toMatch(reason);
  });
});

describe('a value as Go prints it', () => {
  it.each<[unknown, string]>([
    [1_000_000, '1e+06'],
    [999_999, '999999'],
    [123_456_789, '1.23456789e+08'],
    [100_000.5, '100000.5'],
    [0.0001, '0.0001'],
    [0.00001, '1e-05'],
    [-1.5, '-1.5'],
    [1e100, '1e+100'],
    [0, '0'],
    [true, 'true'],
    [['a', 1, null], '[a 1 <nil>]'],
    [{ b: 2, a: [true] }, 'map[a:[true] b:2]'],
  ])('%j is %s', (value, text) => {
    expect(printGoValue(value)).toBe(text);
  });
});

describe('the JSON of an output', () => {
  it.each<[string, unknown]>([
    ['{"a":1}', { a: 1 }],
    ['starting\n{"a":"}"} done', { a: '}' }],
    ['3', 3],
    ['nothing here', NO_JSON],
    ['{"a":', NO_JSON],
  ])('of %j is found as gjson finds it', (text, value) => {
    expect(readJson(text)).toEqual(value);
  });

  it('may be lines of JSON', () => {
    expect(readJsonLines('{"a":1}\n{"a":2}\n')).toEqual([{ a: 1 }, { a: 2 }]);
  });
});
