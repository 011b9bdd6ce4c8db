import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { openReadyClient, readAll } from '../../fixtures/ready-start/open-client.ts';
import { askPython, servePython } from '../../fixtures/ready-start/python-peer.ts';
import { runShell, serve } from '../../fixtures/ready-start/serve.ts';

/** A server and a client of either make; `ask` gives the replies to all lines, one behind the other. */
const PAIRS = [
  { name: 'ours and ours', serveIt: () => serve(runShell), askIt: askOurs },
  { name: 'ours and the Python client', serveIt: () => serve(runShell), askIt: askPython },
  { name: 'the Python server and ours', serveIt: () => servePython(), askIt: askOurs },
  { name: 'the Python server and the Python client', serveIt: () => servePython(), askIt: askPython },
];

async function askOurs(port: number, lines: readonly string[]): Promise<Buffer> {
  await using client = await openReadyClient(port);
  const replies: Buffer[] = [];
  for (const line of lines) replies.push(await readAll((await client.session.run(line)).body));
  return Buffer.concat(replies);
}

const LARGE_BYTES = 100 * 1024 * 1024;
/** Numbers, so that no piece of the reply is like another. */
const LARGE = `seq 100000000 110600000 | head -c ${LARGE_BYTES}`;

const LARGE_HASH = hashLarge();

function hashLarge(): string {
  const hash = createHash('sha256');
  let leftBytes = LARGE_BYTES;
  for (let first = 100_000_000; leftBytes > 0; first += 10_000) {
    const lines = Array.from({ length: 10_000 }, (_, index) => `${first + index}\n`).join('');
    hash.update(lines.slice(0, leftBytes));
    leftBytes -= Math.min(leftBytes, lines.length);
  }
  return hash.digest('hex');
}

describe.each(PAIRS)('$name', ({ serveIt, askIt }) => {
  it('exchange replies of none, one, 1,023 to 1,025 bytes and more, and Chinese text', async () => {
    await using server = await serveIt();
    const sizes = [1, 1023, 1024, 1025, 65_536, 1_000_000];
    const lines = sizes.map((size) => `yes 0123456789abcdef | tr -d '\\n' | head -c ${size}`);
    const words = ['echo 你好，世界', 'true', 'printf %s 中', "printf '%s' '一 二'", 'echo $((6 * 7))'];
    const reply = await askIt(server.port, [...lines, ...words]);
    const expected = sizes.map((size) => Buffer.alloc(size, '0123456789abcdef'));
    expected.push(Buffer.from('你好，世界\ncmd error中一 二42\n'));
    expect(reply.equals(Buffer.concat(expected))).toBe(true);
  });

  it('exchange a reply of 100 MiB', async () => {
    await using server = await serveIt();
    const reply = await askIt(server.port, [LARGE]);
    expect(reply.length).toBe(LARGE_BYTES);
    expect(createHash('sha256').update(reply).digest('hex')).toBe(LARGE_HASH);
  });
});

describe('the Python pair', () => {
  it('speaks GBK where it is told to: the commands print it, the client prints it', async () => {
    await using server = await servePython('gbk');
    const command = String.raw`printf '\304\343\272\303'`;
    expect((await askOurs(server.port, [command])).toString()).toBe('你好');
    expect((await askPython(server.port, [command], 'gbk')).toString('hex')).toBe('c4e3bac3');
  });

  it('is refused a command that it would read in two pieces', async () => {
    await using server = await servePython();
    const full = `echo ${'x'.repeat(1019)}`;
    expect((await askOurs(server.port, [full])).toString()).toBe(`${'x'.repeat(1019)}\n`);
    await expect(askOurs(server.port, [`${full}x`])).rejects.toMatchObject({
      code: 'READY_COMMAND_TOO_LONG',
    });
  });
});
