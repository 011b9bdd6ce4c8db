import { isUtf8 } from 'node:buffer';
import type { Document, LineCounter, Pair } from 'yaml';
import { RexaError } from '../protocol/errors.ts';
import { findBadLine, type Place, placeOf, placeOfNode, START } from './yaml-place.ts';

/** A step on the way to a value: a key of a map, or an index of a list. */
export type Step = string | number;

/** What a file of YAML says, and where. */
export interface YamlText {
  readonly value: unknown;
  /**
   * Where something stands: its value, or the key that it stands behind. What is not there is looked for where it
   * should be.
   */
  locate(path: readonly Step[], what: 'key' | 'value'): Place;
}

/**
 * Reads YAML 1.2, strictly: one document, no key twice, no unknown tags, few aliases. An empty file is an empty map.
 * @param file what the file is called in messages
 * @throws RexaError CONFIG_INVALID
 */
export async function readYaml(bytes: Buffer, file: string): Promise<YamlText> {
  if (!isUtf8(bytes)) throw invalidPlace(file, findBadLine(bytes), 'this is not UTF-8');
  // In the bundle, a package in CommonJS has this one export
  const { LineCounter, parseDocument, visit } = (await import('yaml')).default;
  const lines = new LineCounter();
  const { document, value } = compose(() => {
    const parsed = parseDocument(bytes.toString('utf8').replace(/^\ufeff/, ''), {
      lineCounter: lines,
      prettyErrors: false,
      strict: true,
    });
    const [problem] = [...parsed.errors, ...parsed.warnings].toSorted((a, b) => a.pos[0] - b.pos[0]);
    if (problem !== undefined) throw invalidPlace(file, placeOf(lines, problem.pos[0]), problem.message);
    visit(parsed, {
      Alias(_key, node) {
        if (node.resolve(parsed) !== undefined) return;
        throw invalidPlace(
          file,
          placeOfNode(lines, node) ?? START,
          `nothing is called &${node.source} before this`,
        );
      },
    });
    return { document: parsed, value: (parsed.toJS() as unknown) ?? {} };
  }, file);
  return { value, locate: (path, what) => locate(document, lines, path, what) };
}

/** What the parser throws itself: too many aliases, too deep a nesting. */
function compose<T>(parse: () => T, file: string): T {
  try {
    return parse();
  } catch (cause) {
    if (cause instanceof RexaError) throw cause;
    const reason = cause instanceof RangeError ? 'it is nested too deeply' : (cause as Error).message;
    throw new RexaError('CONFIG_INVALID', [file, 1, 1, reason], { cause });
  }
}

export function invalidPlace(file: string, { line, column }: Place, reason: string): RexaError {
  return new RexaError('CONFIG_INVALID', [file, line, column, reason]);
}

function locate(
  document: Document.Parsed,
  lines: LineCounter,
  path: readonly Step[],
  what: 'key' | 'value',
): Place {
  let node: unknown = document.contents;
  let place = placeOfNode(lines, node) ?? START;
  for (const [index, step] of path.entries()) {
    const found = findChild(document, node, step);
    if (found === null) return place;
    const isLast = index === path.length - 1;
    const key = placeOfNode(lines, found.key);
    place = (isLast && what === 'key' ? null : placeOfNode(lines, found.value)) ?? key ?? place;
    node = found.value;
  }
  return place;
}

function findChild(
  document: Document.Parsed,
  node: unknown,
  step: Step,
): { readonly key?: unknown; readonly value?: unknown } | null {
  const { items } = resolve(document, node) as { items?: readonly unknown[] };
  if (items === undefined) return null;
  if (typeof step === 'number') return { key: null, value: items[step] };
  return (items as readonly Partial<Pair>[]).find(({ key }) => keyOf(key) === step) ?? null;
}

function keyOf(key: unknown): string {
  return String((key as { readonly value?: unknown } | null | undefined)?.value);
}

/** What an alias stands for. */
function resolve(document: Document.Parsed, node: unknown): object {
  if (typeof node !== 'object' || node === null) return {};
  const alias = node as { resolve?: (of: Document.Parsed) => object | undefined };
  return alias.resolve?.(document) ?? node;
}
