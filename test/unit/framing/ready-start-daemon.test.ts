import { describe, expect, it } from 'vitest';
import { openDaemon } from '../../fixtures/ready-start/daemon-machine.ts';

describe('the daemon of the Ready/Start wire', () => {
  it('runs a line, announces its reply, sends it after Start, and takes the next', () => {
    const daemon = openDaemon();
    daemon.read('echo 中文\n');
    expect(daemon.outputs()).toEqual(['run echo 中文']);
    daemon.reply(7);
    expect(daemon.outputs()).toEqual(['write Ready|7\n']);
    daemon.read('Start');
    expect(daemon.outputs()).toEqual(['send-reply']);
    daemon.sent();
    expect(daemon.outputs()).toEqual([]);
    daemon.read('exit');
    daemon.pass(5);
    expect(daemon.outputs()).toEqual(['close exit']);
    expect(daemon.machine.pollTimeout()).toBe(null);
  });

  it('greets at once where a greeting is configured', () => {
    expect(openDaemon('welcome\n').outputs()).toEqual(['write welcome\n']);
  });

  it('ends a line without a newline after 5 ms of quiet, and answers without one', () => {
    const daemon = openDaemon();
    daemon.read('l');
    daemon.pass(4);
    daemon.read('s');
    expect(daemon.dueInMs()).toBe(5);
    daemon.pass(4);
    expect(daemon.outputs()).toEqual([]);
    daemon.pass(1);
    expect(daemon.outputs()).toEqual(['run ls']);
    daemon.reply(3);
    expect(daemon.outputs()).toEqual(['write Ready|3']);
  });

  it('takes a line end that comes late for what it ends, not for an empty command', () => {
    const daemon = openDaemon();
    daemon.read('ls');
    daemon.pass(5);
    daemon.read('\r\n');
    daemon.reply(3);
    daemon.read('Start');
    daemon.read('\n');
    daemon.sent();
    daemon.read('pwd\n');
    expect(daemon.outputs()).toEqual(['run ls', 'write Ready|3', 'send-reply', 'run pwd']);
  });

  it('takes a line end only at the very next byte for a late one', () => {
    const daemon = openDaemon();
    daemon.read('ls');
    daemon.pass(5);
    daemon.reply(3);
    daemon.read('Start');
    daemon.sent();
    daemon.read('p');
    daemon.read('\n');
    expect(daemon.outputs().at(-1)).toBe('run p');
  });

  it('answers an empty line too, since its peer waits for a Ready', () => {
    const daemon = openDaemon();
    daemon.read('\n');
    expect(daemon.outputs()).toEqual(['run ']);
  });

  it('waits longer where the line stops inside a character, then refuses it', () => {
    const daemon = openDaemon();
    const text = Buffer.from('echo 中');
    daemon.read(text.subarray(0, -1));
    daemon.pass(5);
    daemon.pass(500);
    expect(daemon.outputs()).toEqual([]);
    daemon.read(text.subarray(-1));
    daemon.pass(5);
    expect(daemon.outputs()).toEqual(['run echo 中']);
    daemon.read(text.subarray(0, -1));
    daemon.pass(1000);
    daemon.reply(1);
    daemon.read('Start');
    daemon.sent();
    expect(daemon.outputs().at(-1)).toMatch(/^refuse-command/);
  });

  it('refuses a line that is not UTF-8 and goes on', () => {
    const daemon = openDaemon();
    daemon.read(Buffer.from('6c7320d6d00a', 'hex'));
    expect(daemon.outputs()).toEqual(['refuse-command ls \ufffd\ufffd']);
    daemon.reply(10);
    daemon.read('Start\nls\n');
    daemon.sent();
    expect(daemon.outputs()).toEqual(['write Ready|10\n', 'send-reply', 'run ls']);
  });

  it('runs the lines of one read one after another', () => {
    const daemon = openDaemon();
    daemon.read('a\nb\nc\n');
    expect(daemon.outputs()).toEqual(['run a']);
    daemon.reply(1);
    daemon.read('Start');
    daemon.sent();
    expect(daemon.outputs()).toEqual(['write Ready|1\n', 'send-reply', 'run b']);
    daemon.reply(1);
    daemon.read('Start');
    daemon.sent();
    expect(daemon.outputs()).toEqual(['write Ready|1\n', 'send-reply', 'run c']);
  });

  it('takes the whole conversation in one read, and in the order of its bytes', () => {
    const daemon = openDaemon();
    daemon.read('a\nStartb\nStart\nexit\n');
    daemon.reply(1);
    daemon.sent();
    daemon.reply(1);
    daemon.sent();
    expect(daemon.outputs()).toEqual([
      'run a',
      'write Ready|1\n',
      'send-reply',
      'run b',
      'write Ready|1\n',
      'send-reply',
      'close exit',
    ]);
  });

  it('takes Start in pieces, and what follows it as the next command', () => {
    const daemon = openDaemon();
    daemon.read('a\n');
    daemon.reply(1);
    daemon.read('Sta');
    daemon.pass(5);
    expect(daemon.outputs()).toEqual(['run a', 'write Ready|1\n']);
    daemon.read('rtwho');
    daemon.sent();
    expect(daemon.outputs()).toEqual(['send-reply']);
    daemon.pass(5);
    expect(daemon.outputs()).toEqual(['run who']);
  });

  it.each(['Stop', 'start', 'rm -rf /\n', 'Stat', '\n', ' Start', 'exit\n', 'Ready|1'])(
    'closes on %j after Ready and never runs it',
    (text) => {
      const daemon = openDaemon();
      daemon.read('a\n');
      daemon.reply(1);
      daemon.outputs();
      daemon.read(text);
      expect(daemon.outputs()).toEqual(['close start-expected']);
      daemon.read('ls\n');
      daemon.pass(1000);
      expect(daemon.outputs()).toEqual([]);
    },
  );

  it('closes on a Start that nothing called for', () => {
    const daemon = openDaemon();
    daemon.read('Start\n');
    expect(daemon.outputs()).toEqual(['close start-unasked']);
  });

  it.each([
    ['http', 'GET / HTTP/1.1\r\nHost: 127.0.0.1:9999\r\n\r\n'],
    ['http', 'POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nls\n'],
    ['http', 'BREW coffee HTTP/1.0\nls\n'],
    ['carriage-return', 'ls\nname=value\r\n--boundary\r\n'],
    ['nul', 'ls\n\0'],
    ['too-long', `ls\n${'x'.repeat(8190)}`],
  ])('runs nothing of a read that it refuses for %s', (reason, text) => {
    const daemon = openDaemon();
    daemon.read(text);
    expect(daemon.outputs()).toEqual([`close ${reason}`]);
  });

  it('gives up what runs when a bad read comes meanwhile', () => {
    const daemon = openDaemon();
    daemon.read('sleep 100\n');
    daemon.outputs();
    daemon.read('\0');
    expect(daemon.outputs()).toEqual(['close nul']);
    daemon.reply(3);
    daemon.sent();
    expect(daemon.outputs()).toEqual([]);
  });

  it('takes back a command that nobody has begun to run', () => {
    const daemon = openDaemon();
    daemon.read('ls\n');
    daemon.read('\0');
    expect(daemon.outputs()).toEqual(['close nul']);
  });

  it('refuses a line that grows beyond one read, byte by byte', () => {
    const daemon = openDaemon();
    for (let count = 0; count < 8192; count++) daemon.read('x');
    expect(daemon.outputs()).toEqual([]);
    daemon.read('x');
    expect(daemon.outputs()).toEqual(['close too-long']);
  });

  it('keeps a bounded number of lines waiting', () => {
    const daemon = openDaemon();
    daemon.read('a\n1\n2\n3\n4\n5\n6\n7\n8\n');
    expect(daemon.outputs()).toEqual(['run a']);
    daemon.read('9\n');
    expect(daemon.outputs()).toEqual(['close queue-full']);
  });

  it.each([
    ['the peer ends', (daemon: ReturnType<typeof openDaemon>) => daemon.end(), 'close peer-ended'],
    ['a bad read comes', (daemon: ReturnType<typeof openDaemon>) => daemon.read('\0'), 'close nul'],
    [
      'too many lines come',
      (daemon: ReturnType<typeof openDaemon>) => daemon.read('\n'.repeat(9)),
      'close queue-full',
    ],
  ])('sends a reply to its last byte before it closes when %s', (_what, disturb, close) => {
    const daemon = openDaemon();
    daemon.read('a\n');
    daemon.reply(100);
    daemon.read('Start');
    daemon.outputs();
    disturb(daemon);
    daemon.read('Start\nls\n');
    daemon.end();
    expect(daemon.outputs()).toEqual([]);
    daemon.sent();
    expect(daemon.outputs()).toEqual([close]);
  });

  it.each([
    ['nothing has come', ''],
    ['half a line has come', 'l'],
    ['a command runs', 'ls\n'],
  ])('closes when the peer ends and %s', (_what, text) => {
    const daemon = openDaemon();
    daemon.read(text);
    daemon.outputs();
    daemon.end();
    expect(daemon.outputs()).toEqual(['close peer-ended']);
    expect(daemon.machine.state).toBe('closed');
  });

  it('closes on a peer that never says Start, and on one that never says anything', () => {
    const daemon = openDaemon();
    expect(daemon.dueInMs()).toBe(3_600_000);
    daemon.read('a\n');
    expect(daemon.machine.pollTimeout()).toBe(null);
    daemon.pass(10_000_000);
    daemon.reply(1);
    expect(daemon.dueInMs()).toBe(60_000);
    daemon.pass(59_999);
    expect(daemon.outputs()).toEqual(['run a', 'write Ready|1\n']);
    daemon.pass(1);
    expect(daemon.outputs()).toEqual(['close start-timeout']);

    const silent = openDaemon();
    silent.pass(3_600_000);
    expect(silent.outputs()).toEqual(['close idle']);
  });

  it.each([0, -1, 1.5, Number.NaN])('does not announce a reply of %s bytes', (sizeBytes) => {
    const daemon = openDaemon();
    daemon.read('a\n');
    expect(() => daemon.reply(sizeBytes)).toThrow(RangeError);
  });

  it('tells a caller that calls out of turn', () => {
    expect(() => openDaemon().reply(1)).toThrow(/reply-ready has no place in state listening/);
    expect(() => openDaemon().sent()).toThrow(/reply-sent has no place/);
  });
});
