import { connect } from '../../src/client/index.ts';
import { REXA, startDaemon, startTlsDaemon, TLS_OPTIONS } from './daemon.ts';
import { type Contestant, raceTable, type Table } from './figures.ts';
import { type Call, countOutput, feedInput, PATTERN_BYTES, writePattern } from './pattern.ts';
import { readStage, sshWords } from './stage.ts';

const ROUNDS = 5;
/** What ssh chooses by itself, and its quickest, the rival. */
const CIPHERS = ['chacha20-poly1305@openssh.com', 'aes128-gcm@openssh.com'];

/** Patterned data through whole processes, keys and encryption included. */
export async function measure(): Promise<Table[]> {
  const stage = readStage();
  await using local = await startDaemon();
  await using distant = await startTlsDaemon(stage);
  await (await connect(distant.address, TLS_OPTIONS)).close();
  const file = writePattern(stage.home);
  const ways: readonly (readonly [string, (...words: readonly string[]) => Call])[] = [
    ['rexa run tls:', (...words) => rexa(distant.address, ...words)],
    ['rexa run unix:', (...words) => rexa(local.address, ...words)],
    ...(stage.sshdPort === null ? [] : CIPHERS).map(
      (cipher) =>
        [
          `ssh, ${cipher.replace(/@.*$/, '')}`,
          (...words: readonly string[]): Call => ({
            file: 'ssh',
            args: [...sshWords(stage), '-c', cipher, '127.0.0.1', ...words],
          }),
        ] as const,
    ),
  ];
  const down = ways.map(([name, call]) => ({ name, once: () => countOutput(call('cat', file)) }));
  const up = ways.map(([name, call]) => ({ name, once: () => feedInput(call('wc', '-c'), file) }));
  return [await tabulateRates('512 MiB down', down), await tabulateRates('512 MiB up', up)];
}

function rexa(address: string, ...words: readonly string[]): Call {
  return { file: REXA, args: ['run', address, '--', ...words] };
}

function tabulateRates(title: string, contestants: readonly Contestant[]): Promise<Table> {
  return raceTable(contestants, ROUNDS, {
    title,
    unit: 'GB/s',
    better: 'more',
    figure: (ms) => PATTERN_BYTES / 1e6 / ms,
  });
}
