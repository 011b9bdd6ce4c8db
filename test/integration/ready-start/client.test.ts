import { describe, expect, it } from 'vitest';
import { connect } from '../../../src/client/connect.ts';
import { openReadyStart } from '../../../src/client/ready-start/session.ts';
import { openReadyClient, readAll } from '../../fixtures/ready-start/open-client.ts';
import { type Script, serveScripts } from '../../fixtures/ready-start/scripted-peer.ts';

/** Answers every command with its own text, as a peer of a few lines does. */
const echo: Script = async ({ hear, say }) => {
  for (;;) {
    const command = (await hear(/./)).trim();
    if (command === 'exit') return;
    await say(`Ready|${Buffer.byteLength(command)}`);
    await hear(/^Start$/);
    await say(command);
  }
};

/** Announces what it is given, and sends it when it is asked to. */
function answer(ready: string, ...rest: readonly string[]): Script {
  return async ({ hear, say, socket }) => {
    await hear(/\n/);
    await say(ready);
    for (const text of rest) {
      await hear(/Start/);
      await say(text);
    }
    if (rest.length > 0) socket.end();
  };
}

/** Something that one side of a test waits for and the other gives. */
class Signal {
  give = () => {};
  readonly given = new Promise<void>((resolve) => {
    this.give = resolve;
  });
}

/** Lets everything that is in the sockets be read. */
async function turnLoop(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}

describe('the client of a Ready/Start peer', () => {
  it('runs commands one after another on one connection, and says exit', async () => {
    let last = '';
    await using peer = await serveScripts(async (talk) => {
      await echo({ ...talk, hear: async (pattern) => (last = await talk.hear(pattern)) });
    });
    const client = await openReadyClient(peer.port);
    expect(await client.ask('echo 中文')).toBe('echo 中文');
    expect(await client.ask('x'.repeat(1023))).toBe('x'.repeat(1023));
    expect(peer.connections).toBe(1);
    await client.session.close();
    expect(last).toBe('exit');
  });

  it('tells the greeting of a peer that has one', async () => {
    await using peer = await serveScripts(async (talk) => {
      await talk.say('欢迎\n');
      await echo(talk);
    });
    await using client = await openReadyClient(peer.port);
    expect(await client.ask('ls')).toBe('ls');
    expect(client.session.greeting).toBe('欢迎\n');
  });

  it('takes a greeting that holds the word Ready where the address says what it is', async () => {
    const text = 'Ready|5 is how I greet';
    const greet: Script = ({ say }) => say(`${text}\n`);
    await using peer = await serveScripts(async (talk) => {
      await greet(talk);
      await echo(talk);
    }, greet);
    const address = `ready://127.0.0.1:${peer.port}`;
    const run = async (banner: string) => {
      await using host = await connect(`${address}?banner=${encodeURIComponent(banner)}`);
      return await host.run('ls', [], { shell: true, reject: false });
    };
    expect(await run(text)).toMatchObject({ outcome: 'exited', stdout: 'ls' });
    expect(await run('hello')).toMatchObject({ code: 'READY_GREETING' });
    await expect(connect(`${address}?encoding=gbk`)).rejects.toThrow('there are max-command and banner');
  });

  it.each([
    ['READY_SIZE_INVALID', answer('Ready|-1')],
    ['READY_SIZE_INVALID', answer('Ready|x')],
    ['READY_SIZE_TOO_LARGE', answer('Ready|999999999999')],
    ['READY_REPLY_EARLY', answer('Ready|5\nhello')],
    ['READY_REPLY_MISSING', answer('HTTP/1.1 400 Bad Request\r\n', '')],
  ])(
    'says %s of a peer that answers wrongly, and connects again for the next command',
    async (code, script) => {
      const dying: Script = async (talk) => {
        await script({
          ...talk,
          hear: async (pattern) => (pattern.source === 'Start' ? '' : talk.hear(pattern)),
        });
      };
      await using peer = await serveScripts(dying, echo);
      await using client = await openReadyClient(peer.port);
      await expect(client.ask('ls')).rejects.toMatchObject({ code });
      expect(await client.ask('pwd')).toBe('pwd');
      expect(peer.connections).toBe(2);
    },
  );

  it.each([
    ['READY_REPLY_SHORT', 'Ready|10', 'hello', /ended after 5 of 10 bytes/],
    ['READY_REPLY_EXCESS', 'Ready|2', '你好', /4 bytes more than the 2 it announced/],
  ])('says %s of a reply of another size than announced', async (code, ready, text, message) => {
    await using peer = await serveScripts(answer(ready, text), echo);
    await using client = await openReadyClient(peer.port);
    const { body } = await client.session.run('ls');
    await expect(readAll(body)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message) as string,
    });
    expect(await client.ask('pwd')).toBe('pwd');
  });

  it('tells once that bytes came after a whole reply', async () => {
    const whole = new Signal();
    const late = new Signal();
    await using peer = await serveScripts(async ({ hear, say }) => {
      await hear(/\n/);
      await say('Ready|1');
      await hear(/Start/);
      await say('a');
      await whole.given;
      await say('late');
      late.give();
    }, echo);
    await using client = await openReadyClient(peer.port);
    expect(await client.ask('ls')).toBe('a');
    whole.give();
    await late.given;
    await turnLoop();
    await expect(client.ask('pwd')).rejects.toMatchObject({ code: 'READY_UNASKED' });
    expect(await client.ask('pwd')).toBe('pwd');
  });

  it('takes its next command after a reply that nobody read for a while', async () => {
    await using peer = await serveScripts(async (talk) => {
      await talk.hear(/\n/);
      await talk.say('Ready|65536');
      await talk.hear(/Start/);
      await talk.say('x'.repeat(65_536));
      await echo(talk);
    });
    await using client = await openReadyClient(peer.port);
    const { body } = await client.session.run('ls');
    while (body.readableLength < 65_536) await turnLoop();
    await turnLoop();
    expect((await readAll(body)).length).toBe(65_536);
    expect(await client.ask('pwd')).toBe('pwd');
    expect(peer.connections).toBe(1);
  });

  it('keeps the error of a reply for whoever reads it later', async () => {
    await using peer = await serveScripts(answer('Ready|10', 'hello'));
    await using client = await openReadyClient(peer.port);
    const { body } = await client.session.run('ls');
    while (body.errored === null) await turnLoop();
    await expect(readAll(body)).rejects.toMatchObject({ code: 'READY_REPLY_SHORT' });
  });

  it('connects again after Ready|0, so that Start and the next command never join', async () => {
    const heard: string[] = [];
    await using peer = await serveScripts(async ({ hear, say, socket }) => {
      await hear(/^true\n$/);
      await say('Ready|0');
      heard.push(await hear(/Start/));
      socket.once('end', () => heard.push('end'));
    }, echo);
    await using client = await openReadyClient(peer.port);
    expect(await client.ask('true')).toBe('');
    expect(await client.ask('pwd')).toBe('pwd');
    expect(heard).toEqual(['Start', 'end']);
    expect(peer.connections).toBe(2);
  });

  it('connects again when the peer has closed while nothing was under way', async () => {
    await using peer = await serveScripts(answer('Ready|1', 'a'), echo);
    await using client = await openReadyClient(peer.port);
    expect(await client.ask('ls')).toBe('a');
    expect(await client.ask('pwd')).toBe('pwd');
  });

  it('gives up on a peer that stops in the middle of its reply', async () => {
    await using peer = await serveScripts(async ({ hear, say }) => {
      await hear(/\n/);
      await say('Ready|10');
      await hear(/Start/);
      await say('hello');
    });
    await using client = await openReadyClient(peer.port, { limits: { stallMs: 50 } });
    await expect(client.ask('ls')).rejects.toMatchObject({
      code: 'READY_STALLED',
      message: expect.stringContaining('5 of 10 bytes') as string,
    });
  });

  it('does not take its own slow reader for a peer that has stopped', async () => {
    await using peer = await serveScripts(answer('Ready|5000000', 'x'.repeat(5_000_000)));
    await using client = await openReadyClient(peer.port, { limits: { stallMs: 1000 } });
    const { body } = await client.session.run('ls');
    // Longer than a peer may be silent: what is tested is that our own silence is not held against it.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect((await readAll(body)).length).toBe(5_000_000);
  });

  it.each([
    ['READY_COMMAND_TOO_LONG', 'x'.repeat(1025)],
    ['READY_COMMAND_REFUSED', 'ls\nrm'],
    ['READY_COMMAND_REFUSED', ''],
    ['READY_COMMAND_REFUSED', 'exit'],
    ['READY_COMMAND_REFUSED', 'a\ud800'],
  ])('refuses with %s before anything is sent', async (code, command) => {
    await using peer = await serveScripts(echo);
    await using client = await openReadyClient(peer.port);
    await expect(client.ask(command)).rejects.toMatchObject({ code });
    expect(await client.ask('pwd')).toBe('pwd');
    expect(peer.connections).toBe(1);
  });

  it('takes a longer command where the address says that the peer does', async () => {
    await using peer = await serveScripts(echo);
    await using client = await openReadyClient(peer.port, { limits: { maxCommandBytes: 5000 } });
    expect(await client.ask('x'.repeat(4000))).toBe('x'.repeat(4000));
  });

  it('has one command at a time', async () => {
    await using peer = await serveScripts(echo);
    await using client = await openReadyClient(peer.port);
    const { body } = await client.session.run('a');
    await expect(client.session.run('b')).rejects.toMatchObject({ code: 'READY_BUSY' });
    await readAll(body);
    expect(await client.ask('b')).toBe('b');
  });

  it.each(['before the reply is announced', 'in the middle of the reply'])('is canceled %s', async (when) => {
    const heard = new Signal();
    const never: Script = async ({ hear, say }) => {
      await hear(/\n/);
      heard.give();
      if (when.startsWith('before')) return;
      await say('Ready|10');
      await hear(/Start/);
      await say('hello');
    };
    await using peer = await serveScripts(never, echo);
    await using client = await openReadyClient(peer.port);
    const cancel = new AbortController();
    const reply = client.session.run('sleep 100', { signal: cancel.signal });
    const whole = reply.then(({ body }) => readAll(body));
    await (when.startsWith('before') ? heard.given : reply);
    cancel.abort(new Error('enough'));
    await expect(whole).rejects.toThrow('enough');
    await turnLoop();
    expect(await client.ask('pwd')).toBe('pwd');
  });

  it('drops the connection of a reply that its caller does not want to the end', async () => {
    await using peer = await serveScripts(answer('Ready|5000000', 'x'.repeat(5_000_000)), echo);
    await using client = await openReadyClient(peer.port);
    const { body } = await client.session.run('ls');
    body.destroy();
    await new Promise((resolve) => body.once('close', resolve));
    expect(await client.ask('pwd')).toBe('pwd');
  });

  it.each([
    ['READY_NOT_LOOPBACK', 'example.org'],
    ['READY_NOT_LOOPBACK', '10.0.0.1'],
  ])('refuses with %s to connect to %s', async (code, host) => {
    const limits = { maxCommandBytes: 1, maxReplyBytes: 1, maxGreetingBytes: 1, stallMs: 1 };
    const options = { host, port: 1, connectTimeoutMs: 1000, limits, greeting: { kind: 'any' as const } };
    await expect(openReadyStart(options)).rejects.toMatchObject({ code });
  });

  it('says that nobody listens', async () => {
    const peer = await serveScripts(echo);
    await peer[Symbol.asyncDispose]();
    await expect(openReadyClient(peer.port)).rejects.toMatchObject({ code: 'CONNECT_FAILED' });
  });
});
