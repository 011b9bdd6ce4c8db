import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SPINNER_AFTER_MS } from '../../../../src/cli/limits.ts';
import type { EditorView } from '../../../../src/cli/line-shell/editor/layout.ts';
import { FRAME_MS } from '../../../../src/cli/line-shell/terminal/waiting.ts';
import { createScreenOnTerminal } from '../../../fixtures/shell/screen-on-terminal.ts';

const view = (text: string): EditorView => ({
  prompt: { styled: '$ ', width: 2 },
  continuation: { styled: '> ', width: 2 },
  text,
  cursor: text.length,
});

const bytes = (text: string): Uint8Array => Buffer.from(text);

describe('the screen', () => {
  it('shows output between two prompts', async () => {
    const { screen, terminal } = createScreenOnTerminal(40);
    screen.draw(view('ls'));
    screen.finish();
    const output = screen.openOutput();
    await output.write('stdout', bytes('a\nb\n'));
    output.end();
    screen.draw(view(''));
    expect(terminal.rows()).toEqual(['$ ls', 'a', 'b', '$']);
  });

  it.each([
    ['abc', ['$ x', 'abc⏎', '$']],
    ['abc\n', ['$ x', 'abc', '$']],
    ['a\nb', ['$ x', 'a', 'b⏎', '$']],
    ['', ['$ x', '$']],
    ['abc\n\x1b[0m', ['$ x', 'abc', '$']],
  ])('starts the prompt in a line of its own behind %j', async (text, rows) => {
    const { screen, terminal } = createScreenOnTerminal(40);
    screen.draw(view('x'));
    screen.finish();
    const output = screen.openOutput();
    await output.write('stdout', bytes(text));
    output.end();
    screen.draw(view(''));
    expect(terminal.rows()).toEqual(rows);
  });

  it('writes what comes late above the text that is edited', async () => {
    const { screen, terminal } = createScreenOnTerminal(40);
    const output = screen.openOutput();
    screen.draw(view('half a li'));
    await output.write('stdout', bytes('late\n'));
    expect(terminal.rows()).toEqual(['late', '$ half a li']);
    expect([terminal.row, terminal.column]).toEqual([1, 11]);
    await output.write('stderr', bytes('no end'));
    screen.say('a sentence');
    screen.draw(view('half a line'));
    expect(terminal.rows()).toEqual(['late', 'no end', 'rexa: a sentence', '$ half a line']);
  });

  it('goes on with a text that was left for nothing, where it stood', () => {
    const { screen, terminal } = createScreenOnTerminal(40);
    screen.draw(view('if true'));
    screen.finish();
    screen.resume();
    screen.draw(view('if true\nthen'));
    expect(terminal.rows()).toEqual(['$ if true', '> then']);
  });

  it('does not draw over what was written since', () => {
    const { screen, terminal } = createScreenOnTerminal(40);
    screen.draw(view('if true'));
    screen.finish();
    screen.say('wait');
    screen.resume();
    screen.draw(view('if true\n'));
    expect(terminal.rows()).toEqual(['$ if true', 'rexa: wait', '$ if true', '>']);
  });

  it('echoes what is typed to a command behind its output', async () => {
    const { screen, terminal } = createScreenOnTerminal(40);
    const output = screen.openOutput();
    await output.write('stdout', bytes('Name? '));
    screen.echo('Ann\r\n');
    await output.write('stdout', bytes('Hello\n'));
    screen.echo('^C');
    screen.draw(view(''));
    expect(terminal.rows()).toEqual(['Name? Ann', 'Hello', '^C', '$']);
  });

  it('draws anew on a terminal of another size', () => {
    const { screen, terminal, resize } = createScreenOnTerminal(20);
    screen.onResize(() => screen.draw(view('0123456789')));
    screen.draw(view('0123456789'));
    resize(8);
    // The tiny terminal does not wrap anew what stands there, as others do; the text itself is right
    expect(terminal.rows().slice(0, 2)).toEqual(['$ 012345', '6789']);
  });

  it('lists choices above the text', () => {
    const { screen, terminal } = createScreenOnTerminal(40);
    screen.draw(view('ls a'));
    screen.list(['a1  a2']);
    expect(terminal.rows()).toEqual(['$ ls a', 'a1  a2', '$ ls a']);
  });

  it('clears all but the text', () => {
    const { screen, terminal } = createScreenOnTerminal(40);
    screen.say('old');
    screen.draw(view('ls'));
    screen.clear();
    expect(terminal.rows()).toEqual(['$ ls']);
  });

  it('paints stderr around whole chunks, and leaves the colours of a command alone', async () => {
    const { screen, raw } = createScreenOnTerminal(40, { hasColors: true });
    const output = screen.openOutput();
    await output.write('stderr', bytes('bad\n'));
    expect(raw()).toBe('\x1b[31mbad\n\x1b[39m');
    await output.write('stderr', bytes('\x1b[1mbold\n'));
    await output.write('stderr', bytes('more\x1b[0m\n'));
    expect(raw()).toBe('\x1b[31mbad\n\x1b[39m\x1b[1mbold\nmore\x1b[0m\n');
  });

  it('puts nothing into the middle of a character or a sequence of the command', async () => {
    const { screen, raw } = createScreenOnTerminal(40, { hasColors: true });
    const output = screen.openOutput();
    await output.write('stdout', Buffer.from([0xe4, 0xb8]));
    await output.write('stderr', bytes('e'));
    await output.write('stdout', Buffer.from([0xad, 0x1b, 0x5b]));
    await output.write('stderr', bytes('f'));
    await output.write('stdout', bytes('1m'));
    expect(raw()).toBe('\x1b[31me\x1b[39m中\x1b[31mf\x1b[39m\x1b[1m');
  });

  it('sets the terminal right behind a command that has steered it', async () => {
    const { screen, raw } = createScreenOnTerminal(40);
    const output = screen.openOutput();
    await output.write('stdout', bytes('\x1b[?25l\x1b[7mx\n'));
    screen.draw(view(''));
    expect(raw()).toContain('\x1b[0m\x1b(B\x0f\x1b[?25h');
  });

  it('shows control characters of its own messages', () => {
    const { screen, raw } = createScreenOnTerminal(40);
    screen.say('a\x1b[2Jb');
    expect(raw()).toBe('rexa: a\\x1b[2Jb\r\n');
  });

  it('asks for pasted blocks at the prompt only', () => {
    const { screen, raw } = createScreenOnTerminal(40);
    screen.draw(view(''));
    screen.finish();
    expect(raw().match(/\[\?2004[hl]/g)).toEqual(['[?2004h', '[?2004l']);
  });
});

describe('the spinner', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
  });
  afterEach(() => vi.useRealTimers());

  it('comes when nothing was seen for long, and is gone without a trace', async () => {
    const { screen, terminal } = createScreenOnTerminal(40);
    const output = screen.openOutput();
    screen.startWaiting();
    vi.advanceTimersByTime(SPINNER_AFTER_MS - FRAME_MS);
    expect(terminal.rows()).toEqual([]);
    vi.advanceTimersByTime(FRAME_MS);
    expect(terminal.rows()).toEqual(['⠋ 1 s']);
    await output.write('stdout', bytes('a\n'));
    expect(terminal.rows()).toEqual(['a']);
    vi.advanceTimersByTime(SPINNER_AFTER_MS);
    expect(terminal.rows()).toEqual(['a', '⠋ 2 s']);
    screen.stopWaiting();
    expect(terminal.rows()).toEqual(['a']);
  });

  it('keeps away from a line that something stands in', async () => {
    const { screen, terminal } = createScreenOnTerminal(40);
    screen.startWaiting();
    await screen.openOutput().write('stdout', bytes('Password: '));
    vi.advanceTimersByTime(10 * SPINNER_AFTER_MS);
    expect(terminal.rows()).toEqual(['Password:']);
    screen.stopWaiting();
  });

  it('is a bar where the size is known and the output goes elsewhere', async () => {
    const taken: Uint8Array[] = [];
    const stdout = {
      async write(chunk: Uint8Array) {
        taken.push(chunk);
      },
    };
    const { screen, terminal } = createScreenOnTerminal(60, { stdout });
    const output = screen.openOutput();
    screen.startWaiting();
    output.announce(200);
    await output.write('stdout', new Uint8Array(50));
    vi.advanceTimersByTime(SPINNER_AFTER_MS);
    expect(terminal.rows()).toEqual(['█████░░░░░░░░░░░░░░░ 25% of 200 bytes, 1 s']);
    expect(taken).toHaveLength(1);
    screen.stopWaiting();
  });
});
