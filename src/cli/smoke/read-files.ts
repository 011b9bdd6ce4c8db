import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { findClosestName } from '../../command-line/closest-name.ts';
import { START } from '../../config/yaml-place.ts';
import { openStandardInput } from '../output/standard-streams.ts';
import { SMOKE_ACTIONS } from '../tables/smoke.ts';
import { type Mistake, SuiteError } from './parse/mistake.ts';
import { readSuite } from './parse/read-suite.ts';
import type { Suite } from './suite.ts';

/** What stands for stdin among the files. */
export const STDIN = '-';

/**
 * Reads files of tests, each once.
 * @throws SuiteError with what is wrong in all of them
 */
export async function readSuites(files: readonly string[]): Promise<readonly Suite[]> {
  const unique = new Map(files.map((file) => [file === STDIN ? file : path.resolve(file), file]));
  const read = await Promise.allSettled([...unique.values()].map(readOne));
  const mistakes: Mistake[] = [];
  for (const each of read) {
    if (each.status === 'fulfilled') continue;
    if (!(each.reason instanceof SuiteError)) throw each.reason;
    mistakes.push(...each.reason.mistakes);
  }
  if (mistakes.length > 0) throw new SuiteError(mistakes);
  return read.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
}

async function readOne(file: string): Promise<Suite> {
  return readSuite(file === STDIN ? await buffer(openStandardInput()) : await readBytes(file), file);
}

async function readBytes(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new SuiteError([
      { file, place: START, reason: describeFailure(file, error as NodeJS.ErrnoException) },
    ]);
  }
}

function describeFailure(file: string, { code, message }: NodeJS.ErrnoException): string {
  if (code === 'EISDIR') return `this is a folder: name its files, as in ${path.join(file, '*.yaml')}`;
  if (code !== 'ENOENT') return `the file cannot be read: ${message}`;
  const action = findClosestName(file, SMOKE_ACTIONS);
  return `there is no such file${action === null ? '' : `; did you mean rexa smoke ${action}?`}`;
}
