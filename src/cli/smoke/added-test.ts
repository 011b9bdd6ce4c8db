import type { Document } from 'yaml';
import { usageError } from '../../command-line/usage-error.ts';
import { MAX_SUITE_BYTES } from './limits.ts';
import { readSuite } from './parse/read-suite.ts';
import { SCHEMA_LINE } from './schema.ts';
import type { RecordedStep } from './terminal/recorded-steps.ts';

/** A test as it is written down. */
export interface RecordedTest {
  readonly title: string;
  readonly argv: readonly string[];
  readonly nodes: readonly string[];
  readonly ending: { readonly signal: string } | { readonly 'exit-code': number };
  /** What it wrote to pipes, or what was done on its terminal. */
  readonly shown:
    | { readonly kind: 'pipes'; readonly stdout: string; readonly stderr: string; readonly replaced: number }
    | ({ readonly kind: 'terminal' } & RecordedTerminal);
}

/** A terminal as it is written down. */
export interface RecordedTerminal {
  readonly columns: number;
  readonly rows: number;
  readonly steps: readonly RecordedStep[];
}

/**
 * Adds a test to a file, whose comments stay.
 * @param existing null: there is no file yet
 * @returns the whole text, and the title that the test has there
 * @throws SuiteError when the file is wrong
 */
export async function addTest(
  existing: string | null,
  file: string,
  test: RecordedTest,
): Promise<{ readonly text: string; readonly title: string }> {
  const yaml = (await import('yaml')).default;
  const isNew = existing === null || existing.trim() === '';
  if (!isNew) await readSuite(Buffer.from(existing), file);
  const document: Document = isNew
    ? new yaml.Document({ tests: {} })
    : yaml.parseDocument(existing, { merge: true });
  const title = chooseTitle(document, test.title);
  const node = document.createNode(describe(test));
  const argv = node.get('argv');
  if (yaml.isSeq(argv)) argv.flow = true;
  document.setIn(['tests', title], node);
  const written = document.toString({ lineWidth: 0 });
  if (Buffer.byteLength(written) > MAX_SUITE_BYTES)
    throw usageError(`${file} would be larger than ${MAX_SUITE_BYTES} bytes`);
  return { text: isNew ? `${SCHEMA_LINE}\n${written}` : written, title };
}

/** A title that the file does not have yet. */
function chooseTitle(document: Document, wanted: string): string {
  for (let number = 1; ; number++) {
    const title = number === 1 ? wanted : `${wanted} (${number})`;
    if (!document.hasIn(['tests', title])) return title;
  }
}

function describe({ argv, nodes, ending, shown }: RecordedTest): Readonly<Record<string, unknown>> {
  return { argv, ...(nodes.length === 0 ? {} : { config: { nodes } }), ...ending, ...describeShown(shown) };
}

function describeShown(shown: RecordedTest['shown']): Readonly<Record<string, unknown>> {
  if (shown.kind === 'terminal') {
    const { columns, rows, steps } = shown;
    return { terminal: { columns, rows, steps } };
  }
  const { stdout, stderr, replaced } = shown;
  return {
    stdout: { exactly: stdout },
    stderr: { exactly: stderr },
    ...(replaced === 0 ? {} : { replaced }),
  };
}
