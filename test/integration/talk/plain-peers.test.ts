import { once } from 'node:events';
import net from 'node:net';
import tls from 'node:tls';
import { describe, expect, it } from 'vitest';
import { runRexa, startRexa } from '../../fixtures/run-rexa.ts';
import {
  connectTalkPeer,
  startPythonTalkServer,
  startTalkListener,
  talkWithPython,
} from '../../fixtures/talk-peer.ts';

describe('a talk:// listener', () => {
  it('announces peers, passes on their lines to all, and tells the name in the greeting', async () => {
    await using daemon = await startTalkListener();
    const one = await connectTalkPeer(daemon.port);
    const two = await connectTalkPeer(daemon.port);
    two.socket.write('hello\r\n你好 \u001b[2J');
    two.socket.end();
    await one.until('[~peer-2] left');
    expect(one.lines).toEqual([
      '[rexa] you are ~peer-1; /nick NAME changes it, /me TEXT says what you do, /who lists all, /quit leaves',
      '[~peer-1] entered the room',
      '[~peer-2] entered the room',
      '<~peer-2> hello',
      '<~peer-2> 你好 \\x1b[2J',
      '[~peer-2] left',
    ]);
    expect(await two.ended).toEqual([expect.stringContaining('~peer-2'), ...one.lines.slice(2, -1)]);
  });

  it('has the commands /nick, whose name keeps its ~, /me, /who and /quit', async () => {
    await using daemon = await startTalkListener();
    const one = await connectTalkPeer(daemon.port);
    const two = await connectTalkPeer(daemon.port);
    one.socket.write('/nick bob\n/me waves\n/who\n/nick ~peer-2\n/nick a b\n/frown\n//frown\n');
    await one.until('<~bob> /frown');
    two.socket.write('/quit\nnot said\n');
    expect((await two.ended).at(-1)).toBe('<~bob> /frown');
    await one.until('[~peer-2] left');
    expect(one.lines.slice(3)).toEqual([
      '[~peer-1] is now ~bob',
      '* ~bob waves',
      '[rexa] here: ~bob, ~peer-2',
      '[rexa] the name ~peer-2 cannot be used here: somebody here has it',
      expect.stringContaining('the name a b cannot be used here'),
      '[rexa] unknown command /frown; // begins a text with /',
      '<~bob> /frown',
      '[~peer-2] left',
    ]);
  });

  it('has a room of its own: nobody in a room of the daemon hears its peers', async () => {
    await using daemon = await startTalkListener();
    const peer = await connectTalkPeer(daemon.port);
    const said = await runRexa(['talk', daemon.address], { input: 'in the lobby\n/who\n' });
    expect(said.stdout.toString()).not.toContain('~peer');
    peer.socket.end('/who\n');
    expect((await peer.ended).slice(2)).toEqual(['[rexa] here: ~peer-1']);
  });

  it('gives the last lines to who comes later', async () => {
    await using daemon = await startTalkListener();
    const one = await connectTalkPeer(daemon.port);
    one.socket.end('first\n');
    await one.ended;
    const late = await connectTalkPeer(daemon.port);
    await late.until('[~peer-1] entered the room');
    expect(late.lines.slice(1)).toEqual(['<~peer-1> first', '[~peer-1] entered the room']);
  });

  it('keeps who comes after 100 lines that are longest when they are escaped', async () => {
    await using daemon = await startTalkListener();
    const one = await connectTalkPeer(daemon.port);
    one.socket.write(`${`${'\0'.repeat(4096)}\n`.repeat(100)}last\n`);
    await one.until('<~peer-1> last');
    const late = await connectTalkPeer(daemon.port);
    await late.until('<~peer-1> last');
    late.socket.write('hello\n');
    await one.until('<~peer-2> hello');
  });

  it.each<[string, string | Buffer, string]>([
    [
      'HTTP',
      'POST / HTTP/1.1\r\nHost: x\r\n\r\nhello\n',
      'closed a talk:// connection: what it sent is HTTP',
    ],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'closed a talk:// connection: what it sent is HTTP'],
    ['a line that is too long', 'x'.repeat(5000), 'a line has more than the 4096 bytes allowed'],
  ])(
    'closes the connection of a peer that sends %s, and says nothing of it',
    async (_what, bytes, reason) => {
      await using daemon = await startTalkListener();
      const one = await connectTalkPeer(daemon.port);
      const two = await connectTalkPeer(daemon.port);
      two.socket.write(bytes);
      expect((await two.ended).at(-1)).toContain(reason);
      await one.until('[~peer-2] left');
      expect(one.lines.slice(2)).toEqual(['[~peer-2] entered the room', '[~peer-2] left']);
      two.socket.destroy();
    },
  );

  it('closes the connection of a client of TLS', async () => {
    await using daemon = await startTalkListener();
    const socket = tls.connect({ port: daemon.port, host: '127.0.0.1', rejectUnauthorized: false });
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
    expect(error.message).toMatch(/wrong version number|disconnected|ECONNRESET/);
    const one = await connectTalkPeer(daemon.port);
    one.socket.end('GET / HTTP/1.1 is allowed behind a first line?\n');
    expect((await one.ended).at(-1)).toContain('is HTTP');
    const two = await connectTalkPeer(daemon.port);
    two.socket.end('a question\nGET / HTTP/1.1\n');
    expect((await two.ended).at(-1)).toBe('<~peer-1> GET / HTTP/1.1');
  });

  it('does not say a line that is not UTF-8, and tells its speaker', async () => {
    await using daemon = await startTalkListener();
    const one = await connectTalkPeer(daemon.port);
    one.socket.end(Buffer.from('\xc4\xe3\xba\xc3\nplain\n', 'latin1'));
    expect((await one.ended).slice(2)).toEqual([
      '[rexa] this line is not UTF-8, and was not said',
      '<~peer-1> plain',
    ]);
  });

  it('disconnects a peer that does not read, with the reason, and loses nothing for the others', async () => {
    await using daemon = await startTalkListener();
    const reads = await connectTalkPeer(daemon.port);
    const stalls = net.connect({ port: daemon.port, host: '127.0.0.1' });
    stalls.pause();
    await reads.until('[~peer-2] entered the room');
    const said = Array.from({ length: 4000 }, (_, index) => `${index} ${'x'.repeat(4000)}`);
    reads.socket.end(`${said.join('\n')}\n`);
    const lines = await reads.ended;
    expect(lines.filter((line) => line.startsWith('<'))).toEqual(said.map((text) => `<~peer-1> ${text}`));
    expect(lines).toContain('[~peer-2] left: too slow, disconnected');
    stalls.destroy();
  });

  it('tells its peers that the daemon shuts down', async () => {
    const daemon = await startTalkListener();
    const one = await connectTalkPeer(daemon.port);
    await daemon.stop();
    expect((await one.ended).at(-1)).toBe('[rexa] the conversation is closed: the daemon is shutting down');
    await daemon[Symbol.asyncDispose]();
  });

  it.each(['talk://0.0.0.0:0', 'talk://example.org:5000', 'talk://127.0.0.1', 'talk://127.0.0.1:5000/x'])(
    'is not opened at %s',
    async (url) => {
      await expect(startTalkListener(['--listen', url])).rejects.toThrow(
        /not a loopback address|write talk:/,
      );
    },
  );
});

describe('rexa talk talk://…', () => {
  it('sends its lines, prints what the server says, and leaves at the end of input', async () => {
    await using daemon = await startTalkListener();
    const one = startRexa(['talk', daemon.url]);
    await one.untilStdout('[~peer-1] entered the room\n');
    const two = await runRexa(['talk', daemon.url], { input: 'hello\n/nick bob\nbye' });
    expect([two.status, two.stderr, two.stdout.toString().split('\n').slice(1)]).toEqual([
      0,
      '',
      ['[~peer-2] entered the room', '<~peer-2> hello', '[~peer-2] is now ~bob', '<~bob> bye', ''],
    ]);
    await one.untilStdout('[~bob] left\n');
    await daemon.stop();
    const { status, stderr } = await one.exit;
    expect([status, stderr]).toEqual([125, expect.stringContaining('the server closed it')]);
  });

  it('is ended by a signal while a server does not read', async () => {
    const server = net.createServer((socket) => void socket.on('error', () => undefined).pause());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as net.AddressInfo;
    const [member] = [startRexa(['talk', `talk://127.0.0.1:${port}`]), await once(server, 'connection')];
    member.child.stdin?.on('error', () => undefined).write('a line\n'.repeat(2_000_000));
    member.child.kill('SIGINT');
    expect((await member.exit).status).toBe(130);
    server.close();
  });

  it('exits with 125 where no server is, and does not look for one elsewhere', async () => {
    const server = net.createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as net.AddressInfo;
    server.close();
    const closed = await runRexa(['talk', `talk://127.0.0.1:${port}`]);
    expect([closed.status, closed.stderr]).toEqual([125, expect.stringContaining('ECONNREFUSED')]);
    const elsewhere = await runRexa(['talk', 'talk://192.0.2.1:5000']);
    expect([elsewhere.status, elsewhere.stderr]).toEqual([125, expect.stringContaining('not a loopback')]);
  });

  it('is what other commands are told to use', async () => {
    const { status, stderr } = await runRexa(['run', 'talk://127.0.0.1:5000', '--', 'true']);
    expect([status, stderr]).toEqual([125, expect.stringContaining('use rexa talk')]);
  });
});

describe.each([
  ['ours', 'the Python client'],
  ['the Python server', 'ours'],
  ['the Python server', 'the Python client'],
])('the server that is %s, and a client that is %s', (server, client) => {
  it('have a conversation with Chinese text and 500 lines', async () => {
    await using daemon = await startTalkListener();
    const port = server === 'ours' ? daemon.port : await startPythonTalkServer();
    const peer = await connectTalkPeer(port);
    const said = ['你好，世界 😀', ...Array.from({ length: 500 }, (_, index) => `line ${index}`)];
    const input = `${said.join('\n')}\n`;
    const lines =
      client === 'ours'
        ? (await runRexa(['talk', `talk://127.0.0.1:${port}`], { input: `/nick bob\n${input}` })).stdout
            .toString()
            .split('\n')
        : await talkWithPython(port, 'bob', input);
    await peer.until('[~bob] left');
    const expected = said.map((text) => `<~bob> ${text}`);
    expect(lines.filter((line) => line.startsWith('<'))).toEqual(expected);
    expect(peer.lines.filter((line) => line.startsWith('<'))).toEqual(expected);
  });
});
