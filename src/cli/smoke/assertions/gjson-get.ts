import type { GjsonOperator, GjsonPath, GjsonQuery, GjsonStep } from './gjson-path.ts';
import { matchesWildcard } from './wildcard.ts';

/** Nothing is there: other than null, which JSON may hold. */
export const NOTHING_THERE = Symbol('nothing there');

/** What a path leads to in a value of JSON, as gjson finds it; NOTHING_THERE where nothing is. */
export function getByPath(value: unknown, path: GjsonPath): unknown {
  return path.reduce<unknown>((found, part) => walk(found, part), value);
}

function walk(value: unknown, steps: readonly GjsonStep[]): unknown {
  const [step, ...rest] = steps;
  if (step === undefined || value === NOTHING_THERE) return value;
  switch (step.kind) {
    case 'key':
      return walk(getChild(value, step.name, step.isWild), rest);
    case 'each':
      if (!Array.isArray(value)) return walk(getChild(value, '#', false), rest);
      return rest.length === 0 ? value.length : walkEach(value, rest);
    case 'query': {
      if (!Array.isArray(value)) return NOTHING_THERE;
      if (step.isAll)
        return walkEach(
          value.filter((each) => matchesQuery(each, step.query)),
          rest,
        );
      const index = value.findIndex((each) => matchesQuery(each, step.query));
      return index === -1 ? NOTHING_THERE : walk(value[index], rest);
    }
    default:
      return step satisfies never;
  }
}

/** What all of them have at the end of the path; those that have nothing there are left out. */
function walkEach(values: readonly unknown[], rest: readonly GjsonStep[]): unknown {
  return values.map((each) => walk(each, rest)).filter((found) => found !== NOTHING_THERE);
}

function getChild(value: unknown, name: string, isWild: boolean): unknown {
  if (typeof value !== 'object' || value === null) return NOTHING_THERE;
  if (Array.isArray(value)) {
    if (!/^\d{1,9}$/.test(name) || Number(name) >= value.length) return NOTHING_THERE;
    return value[Number(name)] as unknown;
  }
  const record = value as Readonly<Record<string, unknown>>;
  const key = isWild ? Object.keys(record).find((each) => matchesWildcard(each, name)) : name;
  return key !== undefined && Object.hasOwn(record, key) ? record[key] : NOTHING_THERE;
}

function matchesQuery(value: unknown, { path, operator, value: wanted }: GjsonQuery): boolean {
  const found = getByPath(value, path);
  if (found === NOTHING_THERE) return false;
  if (operator === null) return true;
  if (typeof found === 'string') return compareTexts(found, operator, wanted);
  if (typeof found === 'number') return compareNumbers(found, operator, Number(wanted));
  const written = found === null || typeof found === 'boolean' ? String(found) : JSON.stringify(found);
  if (operator === '=') return written === wanted;
  return operator === '!=' && written !== wanted;
}

function compareTexts(found: string, operator: GjsonOperator, wanted: string): boolean {
  switch (operator) {
    case '%':
      return matchesWildcard(found, wanted);
    case '!%':
      return !matchesWildcard(found, wanted);
    default:
      return compare(Buffer.compare(Buffer.from(found), Buffer.from(wanted)), operator);
  }
}

function compareNumbers(found: number, operator: GjsonOperator, wanted: number): boolean {
  if (operator === '%' || operator === '!%') return false;
  return compare(found - wanted, operator);
}

function compare(difference: number, operator: Exclude<GjsonOperator, '%' | '!%'>): boolean {
  switch (operator) {
    case '=':
      return difference === 0;
    case '!=':
      return difference !== 0;
    case '<':
      return difference < 0;
    case '<=':
      return difference <= 0;
    case '>':
      return difference > 0;
    case '>=':
      return difference >= 0;
    default:
      return operator satisfies never;
  }
}
