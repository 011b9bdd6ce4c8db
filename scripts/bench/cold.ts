import { connect } from '../../src/client/index.ts';
import { measureCpu, runCall, runInFlight } from './calls.ts';
import { REXA, startDaemon, startTlsDaemon, TLS_OPTIONS } from './daemon.ts';
import { raceTable, type Table, tabulate } from './figures.ts';
import type { Call } from './pattern.ts';
import { readStage, type Stage, sshWords } from './stage.ts';

const ROUNDS = 21;
const CPU_BATCHES = 5;
const RUNS_PER_BATCH = 10;
const CROWD = 200;
const CROWD_WIDTH = 32;
const CROWD_ROUNDS = 3;

/** A whole process from nothing to the exit of `true`: its time, and the CPU time of the client alone. */
export async function measure(): Promise<Table[]> {
  const stage = readStage();
  await using local = await startDaemon();
  await using distant = await startTlsDaemon(stage);
  await (await connect(distant.address, TLS_OPTIONS)).close();
  const rexa = (address: string): Call => ({ file: REXA, args: ['run', '-n', address, '--', 'true'] });
  const calls: readonly (readonly [string, Call])[] = [
    ['rexa run tls:', rexa(distant.address)],
    ['rexa run unix:', rexa(local.address)],
    ['node -e 0', { file: process.execPath, args: ['-e', '0'] }],
    ...(stage.sshdPort === null ? [] : callsOfSsh(stage)),
  ];
  const contestants = calls.map(([name, call]) => ({ name, once: () => runCall(call) }));
  const time = await raceTable(contestants, ROUNDS, { title: 'A cold true', unit: 'ms', better: 'less' });
  const cpu = calls.map((): number[] => []);
  for (let batch = 0; batch < CPU_BATCHES; batch++)
    for (const [index, [, call]] of calls.entries()) cpu[index]?.push(measureCpu(call, RUNS_PER_BATCH));
  const names = calls.map(([name]) => name);
  const title = 'A cold true, CPU time of the client';
  return [time, tabulate(names, cpu, { title, unit: 'ms', better: 'less' }), await raceCrowds(calls)];
}

/** Many clients, so many of them at once. */
function raceCrowds(calls: readonly (readonly [string, Call])[]): Promise<Table> {
  const crowds = calls.map(([name, call]) => ({
    name,
    once: () => runInFlight(CROWD, CROWD_WIDTH, () => runCall(call)),
  }));
  return raceTable(crowds, CROWD_ROUNDS, {
    title: `${CROWD} cold clients, ${CROWD_WIDTH} at once`,
    unit: 'clients/s',
    better: 'more',
    figure: (ms) => (CROWD / ms) * 1000,
  });
}

/** Its quickest key exchange is the rival; the other is what it chooses by itself. */
function callsOfSsh(stage: Stage): (readonly [string, Call])[] {
  const ssh = (...words: readonly string[]): Call => ({
    file: 'ssh',
    args: [...sshWords(stage), ...words, '-n', '127.0.0.1', 'true'],
  });
  return [
    ['ssh as it comes', ssh()],
    ['ssh, curve25519', ssh('-oKexAlgorithms=curve25519-sha256')],
  ];
}
