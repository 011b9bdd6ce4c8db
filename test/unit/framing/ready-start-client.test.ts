import { describe, expect, it } from 'vitest';
import { openClient } from '../../fixtures/ready-start/client-machine.ts';

/** A client whose peer has announced a reply of so many bytes. */
function openReceiving(sizeBytes: number) {
  const client = openClient();
  client.run('ls');
  client.read(`Ready|${sizeBytes}`);
  client.outputs();
  return client;
}

describe('the client of the Ready/Start wire', () => {
  it('sends a line, answers Ready with a bare Start, takes exactly the reply, and says exit', () => {
    const client = openClient();
    expect(client.run('echo 中文')).toBe(null);
    expect(client.outputs()).toEqual(['write echo 中文\n']);
    client.read('Ready|7');
    expect(client.outputs()).toEqual(['write Start', 'size 7']);
    client.read('中', '文\n');
    expect(client.outputs()).toEqual(['bytes 中', 'bytes 文\n', 'end']);
    expect(client.machine.state).toBe('idle');
    client.run('pwd');
    client.read('Ready|1\n', '/');
    expect(client.outputs()).toEqual(['write pwd\n', 'write Start', 'size 1', 'bytes /', 'end']);
    client.machine.handleExit();
    expect(client.outputs()).toEqual(['write exit', 'close orderly']);
  });

  it('puts a Ready together that comes in pieces, up to its first digit', () => {
    const client = openClient('');
    client.run('ls');
    client.read('R', 'ead', 'y|');
    expect(client.outputs()).toEqual(['write ls\n']);
    client.read('12');
    expect(client.outputs()).toEqual(['write Start', 'size 12']);
  });

  it.each(['Ready|-1', 'Ready|x', 'Ready|', 'Ready|1024bytes', 'Ready|1 '])('refuses %j', (text) => {
    const client = openClient();
    client.run('ls');
    client.read(text, '\n');
    expect(client.outputs()).toEqual([
      'write ls\n',
      `close size-malformed ${text}${text === 'Ready|' ? '\n' : ''}`,
    ]);
  });

  it('refuses to take a reply that is announced too large', () => {
    const client = openClient();
    client.run('ls');
    client.read('Ready|999999999999');
    expect(client.outputs()).toEqual(['write ls\n', 'close size-too-large Ready|999999999999']);
  });

  it.each(['Ready|5\nhello', 'Ready|0\nx', 'Ready|5\n\n'])(
    'refuses what comes before Start in %j',
    (text) => {
      const client = openClient();
      client.run('ls');
      client.read(text);
      expect(client.outputs()).toEqual(['write ls\n', `close reply-early ${text}`]);
    },
  );

  it('refuses a reply that is longer than announced', () => {
    const client = openReceiving(5);
    client.read('he', 'lloReady|3');
    expect(client.outputs()).toEqual(['bytes he', 'close reply-excess 7 5']);
    expect(client.machine.state).toBe('closed');
  });

  it('refuses what comes while no command is under way', () => {
    const client = openReceiving(5);
    client.read('hello', 'x');
    expect(client.outputs()).toEqual(['bytes hello', 'end', 'close unasked x']);
  });

  it('says how much came of a reply that ends short', () => {
    const client = openReceiving(5);
    client.read('hell');
    client.machine.handlePeerEnd();
    expect(client.outputs()).toEqual(['bytes hell', 'close reply-short 4 5']);
  });

  it('knows no reply when the peer ends before Ready', () => {
    const client = openClient();
    client.run('ls');
    client.read('HTTP/1.1 400 Bad Request\r\n');
    client.machine.handlePeerEnd();
    expect(client.outputs()).toEqual(['write ls\n', 'close no-reply HTTP/1.1 400 Bad Request\r\n']);
  });

  it('takes the end of an idle peer for an orderly one', () => {
    const client = openClient();
    client.machine.handlePeerEnd();
    expect(client.outputs()).toEqual(['close orderly']);
  });

  it('needs a new connection after Ready|0, and says no exit that would join the Start', () => {
    const client = openClient();
    client.run('true');
    client.read('Ready|0');
    expect(client.outputs()).toEqual(['write true\n', 'write Start', 'size 0', 'end']);
    expect(client.machine.state).toBe('spent');
    expect(() => client.run('pwd')).toThrow(/command has no place in state spent/);
    client.machine.handleExit();
    expect(client.outputs()).toEqual(['close orderly']);
  });

  it('sends nothing of a command that it refuses', () => {
    const client = openClient();
    expect(client.run('ls\nrm')).toBe('newline');
    expect(client.run('x'.repeat(1025))).toBe('too-long');
    expect(client.outputs()).toEqual([]);
    expect(client.machine.state).toBe('idle');
  });

  it('gives up on a peer that owes bytes and sends none, not on a command that takes its time', () => {
    const client = openClient('');
    client.run('ls');
    expect(client.machine.pollTimeout()).toBe(null);
    client.read('Rea');
    expect(client.machine.pollTimeout()).toBe(61_000);
    client.read('dy|5');
    client.read('he');
    client.machine.handleTimeout(60_999);
    client.machine.handleResume(50_000);
    client.machine.handleTimeout(109_999);
    expect(client.outputs()).toEqual(['write ls\n', 'write Start', 'size 5', 'bytes he']);
    client.machine.handleTimeout(110_000);
    expect(client.outputs()).toEqual(['close stalled 2 5']);
  });
});

describe('a greeting', () => {
  it.each([
    ['on a line of its own', ['welcome\n', 'Ready|1'], 'welcome\n'],
    ['joined to the Ready', ['welcomeReady|1\n'], 'welcome'],
    ['cut inside the Ready', ['welcome R', 'eady|', '1'], 'welcome '],
    ['of one byte a read', 'hi Ready|1'.split(''), 'hi '],
    ['of nothing', ['Ready|1'], ''],
  ])('%s is told from the first Ready', (_what, reads, greeting) => {
    const client = openClient();
    client.run('ls');
    client.read(...reads);
    expect(client.outputs()).toEqual(['write ls\n', 'write Start', 'size 1']);
    expect(Buffer.from(client.machine.greeting).toString()).toBe(greeting);
  });

  it('may come before the first command, whatever it holds', () => {
    const client = openClient();
    client.read('Ready|5 to serve\n');
    client.run('ls');
    client.read('Ready|1');
    expect(client.outputs()).toEqual(['write ls\n', 'write Start', 'size 1']);
    expect(Buffer.from(client.machine.greeting).toString()).toBe('Ready|5 to serve\n');
  });

  it('comes once: after the first Ready nothing else may', () => {
    const client = openReceiving(1);
    client.read('x');
    client.run('pwd');
    client.read('bye Ready|1');
    expect(client.outputs()).toEqual(['bytes x', 'end', 'write pwd\n', 'close size-malformed bye Ready|1']);
  });

  it('is bounded', () => {
    const client = openClient();
    client.read('x'.repeat(64));
    expect(client.outputs()).toEqual([]);
    client.read('x');
    expect(client.outputs()).toEqual([`close greeting-too-long ${'x'.repeat(64)}`]);
  });

  it.each([
    [['Ready|2 go!\r\n', 'Ready|1']],
    [['Ready|2 go!Ready|1']],
    [['Ready|2', ' go!', '\r', '\n', 'Ready|1']],
  ])('that is configured is taken as it is: %j', (reads) => {
    const client = openClient('Ready|2 go!');
    client.run('ls');
    client.read(...reads);
    expect(client.outputs()).toEqual(['write ls\n', 'write Start', 'size 1']);
  });

  it('that is configured and differs is refused', () => {
    const client = openClient('welcome');
    client.read('wel', 'kom');
    expect(client.outputs()).toEqual(['close greeting-unexpected welkom']);
  });
});
