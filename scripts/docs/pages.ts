import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../checks/run-captured.ts';
import type { StepResult } from '../checks/step.ts';
import { makeDropIn } from './drop-in.ts';
import { makeExitCodes } from './exit-codes.ts';
import { makeLimits } from './limits.ts';
import { makeSchema } from './schemas.ts';

/** The files of docs/ that are generated from the sources, and what each must contain, given what it contains now. */
const PAGES: Readonly<Record<string, (found: string) => string | Promise<string>>> = {
  'exit-codes.md': makeExitCodes,
  'limits.md': makeLimits,
  'drop-in.md': makeDropIn,
  'config.schema.json': () => makeSchema('config'),
  'smoke.schema.json': () => makeSchema('smoke'),
  'smoke-report.schema.json': () => makeSchema('smoke-report'),
};

/** Fails when a generated file differs from the sources. */
export async function checkPages(): Promise<StepResult> {
  const stale = await listStale();
  const output = stale.map(({ name }) => `docs/${name} is stale: run \`npm run docs\`\n`).join('');
  return { ok: stale.length === 0, output };
}

/** Writes the generated files that differ from the sources. */
export async function writePages(): Promise<void> {
  for (const { file, made } of await listStale()) writeFileSync(file, made);
}

async function listStale() {
  const pages = await Promise.all(
    Object.entries(PAGES).map(async ([name, make]) => {
      const file = join(root, 'docs', name);
      const found = existsSync(file) ? readFileSync(file, 'utf8') : '';
      return { name, file, found, made: await make(found) };
    }),
  );
  return pages.filter(({ found, made }) => found !== made);
}
