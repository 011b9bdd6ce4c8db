import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { connect } from '../../src/client/index.ts';
import { runCall } from './calls.ts';
import { REXA, startDaemon } from './daemon.ts';
import { raceTable, type Table } from './figures.ts';

const TESTS = 500;
const TEST_ROUNDS = 9;
const HOSTS = 50;
const TESTS_PER_HOST = 20;
/** Longer than the CPU time that one test takes on all hosts together: the hosts of this bench are one machine. */
const WAITING_TEST = 'sleep 0.5';
const HOST_ROUNDS = 3;

/** A file of smoke tests beside the same calls of the library, and on many hosts beside one of them. */
export async function measure(): Promise<Table[]> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rexa-bench-'));
  try {
    return [await measureTests(folder), await measureHosts(folder)];
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

async function measureTests(folder: string): Promise<Table> {
  await using daemon = await startDaemon();
  const file = writeTests(folder, 'true', TESTS);
  const contestants = [
    { name: 'rexa smoke', once: () => runSmoke(file, [daemon.address]) },
    {
      name: 'host.run',
      async once() {
        await using host = await connect(daemon.address);
        for (let call = 0; call < TESTS; call += 1) await host.run('true', { shell: true });
      },
    },
  ];
  return await raceTable(contestants, TEST_ROUNDS, {
    title: `${TESTS} smoke tests of true on one host`,
    unit: 'ms',
    better: 'less',
  });
}

async function measureHosts(folder: string): Promise<Table> {
  await using stack = new AsyncDisposableStack();
  const addresses: string[] = [];
  for (let host = 0; host < HOSTS; host += 1) addresses.push(stack.use(await startDaemon()).address);
  const file = writeTests(folder, WAITING_TEST, TESTS_PER_HOST);
  const contestants = [
    { name: `rexa smoke, ${HOSTS} hosts`, once: () => runSmoke(file, addresses) },
    { name: 'one of them alone', once: () => runSmoke(file, addresses.slice(0, 1)) },
  ];
  return await raceTable(contestants, HOST_ROUNDS, {
    title: `${TESTS_PER_HOST} smoke tests of ${WAITING_TEST} on each host`,
    unit: 'ms',
    better: 'less',
  });
}

function runSmoke(file: string, hosts: readonly string[]): Promise<void> {
  const words = hosts.flatMap((address) => ['--host', address]);
  return runCall({ file: REXA, args: ['smoke', file, ...words] });
}

function writeTests(folder: string, command: string, count: number): string {
  const file = path.join(folder, `${count}.yaml`);
  const tests = Array.from({ length: count }, (_, index) => `  test ${index}: {command: ${command}}\n`);
  fs.writeFileSync(file, `tests:\n${tests.join('')}`);
  return file;
}
