import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { emitDeclarations } from '../build/emit-declarations.mjs';
import { runCaptured } from './run-captured.ts';
import type { StepResult } from './step.ts';

/** A program in a browser: it has DOM's types and none of Node's, and its compiler reads the declarations themselves. */
const BROWSER = {
  target: 'ES2024',
  lib: ['ES2024', 'ESNext.Disposable', 'DOM'],
  module: 'ESNext',
  moduleResolution: 'bundler',
  types: [],
  strict: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: false,
  noEmit: true,
};

/** Compiles the declarations of `rexa/protocol`, as they are packed, for a browser. */
export async function checkDeclarations(): Promise<StepResult> {
  const folder = mkdtempSync(join(tmpdir(), 'rexa-declarations-'));
  try {
    emitDeclarations(folder);
    writeFileSync(join(folder, 'main.ts'), "export * from './protocol/index.js';\n");
    const config = { compilerOptions: BROWSER, files: ['main.ts'] };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
    return await runCaptured('tsc', ['-p', folder], { capMs: 120_000 });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
