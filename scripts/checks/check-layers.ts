import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root, runCaptured } from './run-captured.ts';
import type { StepResult } from './step.ts';

/** The part of dependency-cruiser's JSON output that is read here. */
interface Cruise {
  readonly modules: readonly { readonly source: string }[];
  readonly summary: {
    readonly totalDependenciesCruised: number;
    readonly violations: readonly {
      readonly from: string;
      readonly to: string;
      readonly rule: { readonly name: string };
      readonly cycle?: readonly { readonly name: string }[];
    }[];
  };
}

/**
 * Checks the import directions of .dependency-cruiser.cjs. It also checks that every source was looked at: with a
 * compiler that it does not understand, dependency-cruiser sees no module at all and is content.
 */
export async function checkLayers(): Promise<StepResult> {
  const { output, stdout } = await runCaptured('depcruise', ['src', '--output-type', 'json']);
  const cruise = parseCruise(stdout);
  if (cruise === null) return { ok: false, output };

  const complaints = cruise.summary.violations.map(
    ({ rule, from, to, cycle }) =>
      `${rule.name}: ${from} → ${cycle === undefined ? to : cycle.map(({ name }) => name).join(' → ')}`,
  );
  const seen = new Set(cruise.modules.map(({ source }) => source));
  const unseen = listSources().filter((source) => !seen.has(source));
  complaints.push(...unseen.map((source) => `not looked at: ${source}`));
  if (cruise.summary.totalDependenciesCruised === 0) complaints.push('no import was found in any source');

  const note = `${seen.size} modules, ${cruise.summary.totalDependenciesCruised} imports`;
  return { ok: complaints.length === 0, output: `${complaints.join('\n')}\n`, note };
}

function parseCruise(json: string): Cruise | null {
  try {
    return JSON.parse(json) as Cruise;
  } catch {
    return null;
  }
}

function listSources(): string[] {
  const names = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.endsWith('.ts')).map((name) => `src/${name.replaceAll('\\', '/')}`);
}
