import { execa } from 'execa';
import { connect } from '../../src/client/index.ts';
import { startDaemon } from './daemon.ts';
import { race, toRows } from './figures.ts';

const ROUNDS = 300;
const IN_FLIGHT = 32;
const BATCHES = 12;

/** `true` over a connection that is there, one after the other and many at once, beside execa in this process. */
export async function measure(): Promise<string[]> {
  await using daemon = await startDaemon();
  await using host = await connect(daemon.address);
  const remote = async (): Promise<void> => void (await host.run('true'));
  const local = async (): Promise<void> => void (await execa('true'));
  const ping = async (): Promise<void> => void (await host.ping());

  const single = await race(
    [
      { name: 'ping', once: ping },
      { name: "host.run('true')", once: remote },
      { name: "execa('true') here", once: local },
    ],
    ROUNDS,
  );
  const flood = (one: () => Promise<void>) => async (): Promise<void> => {
    await Promise.all(Array.from({ length: IN_FLIGHT }, one));
  };
  const many = await race(
    [
      { name: 'remote', once: flood(remote) },
      { name: 'local', once: flood(local) },
    ],
    BATCHES,
  );
  return [
    ...toRows(['ping', "host.run('true')", "execa('true') here"], single, 'ms'),
    ...toRows(
      [`host.run('true'), ${IN_FLIGHT} at once`, `execa('true') here, ${IN_FLIGHT} at once`],
      many.map((ms) => (IN_FLIGHT / ms) * 1000),
      '/s',
    ),
  ];
}
