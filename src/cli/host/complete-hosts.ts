import { loadConfig } from '../../client/config/load-config.ts';
import type { CommandSpec, ProgramSpec } from '../../command-line/command-spec.ts';

/** The program with the hosts of the configuration among what completion offers for a HOST. */
export async function withKnownHosts(program: ProgramSpec): Promise<ProgramSpec> {
  const names = await listHostNames();
  if (names.length === 0) return program;
  const commands = Object.entries(program.commands).map(([name, command]) => [
    name,
    addHosts(command, names),
  ]);
  return { ...program, commands: Object.fromEntries(commands) as ProgramSpec['commands'] };
}

function addHosts(command: CommandSpec, names: readonly string[]): CommandSpec {
  const { operandChoices } = command;
  const hosts = operandChoices?.['HOST'];
  if (hosts === undefined) return command;
  return { ...command, operandChoices: { ...operandChoices, HOST: [...new Set([...hosts, ...names])] } };
}

/** None where the configuration cannot be read: a command that opens a host reports why. */
async function listHostNames(): Promise<readonly string[]> {
  try {
    const config = await loadConfig();
    const entries = Object.entries(config?.hosts ?? {}).flatMap(([name, { aliases = [] }]) => [
      name,
      ...aliases,
    ]);
    return [...entries, ...Object.values(config?.groups ?? {}).flatMap(({ hosts }) => hosts)];
  } catch {
    return [];
  }
}
