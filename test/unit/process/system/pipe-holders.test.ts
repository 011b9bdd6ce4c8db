import { describe, expect, it } from 'vitest';
import { chooseHolders, type PipeUse } from '../../../../src/process/system/pipe-holders.ts';

const OUT = 'pipe:[1]';
const RUN = { outputs: [OUT, 'pipe:[2]'], stdin: 'pipe:[3]' };

/** A process that reads one thing as stdin and writes to others. */
function makeUse(pid: number, stdin: string | null, written: readonly string[]): PipeUse {
  const open = [...written, ...(stdin === null ? [] : [stdin])];
  return { pid, stdin: () => stdin, open: new Set(open), written: new Set(written) };
}

function choose(uses: readonly PipeUse[], unknown: readonly number[] = []) {
  return chooseHolders({ seen: uses, unknown }, RUN);
}

describe('whoever holds an output', () => {
  const rows: readonly [string, readonly PipeUse[], { pids: number[]; filters: number[] }][] = [
    [
      'is a filter when nobody writes to its stdin any more',
      [makeUse(10, 'pipe:[9]', [OUT])],
      { pids: [10], filters: [10] },
    ],
    ['is no filter with an empty stdin', [makeUse(10, null, [OUT])], { pids: [10], filters: [] }],
    ["is no filter with the run's own stdin", [makeUse(10, 'pipe:[3]', [OUT])], { pids: [10], filters: [] }],
    [
      'is no filter while somebody who is none writes to its stdin',
      [makeUse(10, 'pipe:[9]', [OUT]), makeUse(11, null, ['pipe:[9]'])],
      { pids: [10], filters: [] },
    ],
    [
      'is a filter behind other filters',
      [
        makeUse(10, 'pipe:[9]', [OUT]),
        makeUse(11, 'pipe:[8]', ['pipe:[9]']),
        makeUse(12, 'pipe:[7]', ['pipe:[8]']),
      ],
      { pids: [10], filters: [10] },
    ],
    [
      'is no filter when it feeds itself',
      [makeUse(10, 'pipe:[9]', [OUT, 'pipe:[9]'])],
      { pids: [10], filters: [] },
    ],
    [
      'is no filter in a ring of processes that feed each other',
      [makeUse(10, 'pipe:[9]', [OUT, 'pipe:[8]']), makeUse(11, 'pipe:[8]', ['pipe:[9]'])],
      { pids: [10], filters: [] },
    ],
    [
      'is no filter while we write to its stdin, as that of another run',
      [makeUse(10, 'pipe:[9]', [OUT]), makeUse(process.pid, null, ['pipe:[9]'])],
      { pids: [10], filters: [] },
    ],
    [
      'is a filter that reads a FIFO',
      [makeUse(10, '/tmp/fifo', ['pipe:[2]'])],
      { pids: [10], filters: [10] },
    ],
    ['is not one of other pipes', [makeUse(10, 'pipe:[9]', ['pipe:[5]'])], { pids: [], filters: [] }],
    ['is not we', [makeUse(process.pid, null, [OUT])], { pids: [], filters: [] }],
  ];
  it.each(rows)('%s', (_title, uses, expected) => {
    expect(choose(uses)).toEqual(expected);
  });

  it('may be one that cannot be looked into, which may also write to the stdin of others', () => {
    expect(choose([makeUse(10, 'pipe:[9]', [OUT])], [77])).toEqual({ pids: [10, 77], filters: [] });
  });
});
