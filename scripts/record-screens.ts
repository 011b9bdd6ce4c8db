/**
 * Records what programs write on terminals of four sizes, for test/fixtures/recorded-screens.json.gz. It needs the programs: of
 * Debian aptitude, cmatrix, dialog, emacs-nox, htop, less, lynx, man-db, mc, nano, ncdu, procps, ranger, tig, tmux, vim, w3m.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { RecordedScreen } from '../test/fixtures/recorded-screens.ts';
import { readStrokes, startOnTerminal } from './record/start-on-terminal.ts';

const OUT = fileURLToPath(new URL('../test/fixtures/recorded-screens.json.gz', import.meta.url));
const SIZES = [
  { columns: 80, rows: 24 },
  { columns: 40, rows: 10 },
  { columns: 132, rows: 43 },
  { columns: 61, rows: 17 },
];
const START_MS = 500;
/** A stream of a program that never stops ends here. */
const MAX_BYTES = 24 * 1024;
const AT_ONCE = 8;

const SOURCE = '/usr/include/stdio.h';
const LICENSE = '/usr/share/common-licenses/GPL-3';
const bash = ['bash', '--norc', '--noprofile', '-i'];
const shell = (line: string): readonly string[] => ['sh', '-c', line];

const PROGRAMS: readonly (readonly [name: string, command: readonly string[], script: string])[] = [
  ['bash ls', bash, 'ls --color=always -la /usr<Enter>{300}ls -C /usr/bin | head -60<Enter>{300}exit<Enter>'],
  [
    'bash wide',
    bash,
    "printf '%s\\n' 日本語 한국어 'é ü ß' 🎉 | cat -n<Enter>{200}echo 日本語日本語日本語日本語日本語日本語日本語日本語日本語<Home><Right><Right>x<Enter>",
  ],
  ['bash wrapped line', bash, `echo ${'a long line '.repeat(20)}<Home><Right>y<End><BS><BS><CtrlA><CtrlK>`],
  ['bash search', bash, 'echo one<Enter>echo two<Enter><CtrlR>one{200}<Enter>{200}clear<Enter>{200}<Up><Up>'],
  ['bash completion', bash, 'ls /usr/sh<Tab>{300}<Tab><Tab>{300}n<BS><CtrlC>'],
  [
    'colors',
    shell("for i in $(seq 0 255); do printf '\\033[48;5;%dm%4d' $i $i; done; printf '\\033[0m\\n'; sleep 9"),
    '',
  ],
  [
    'true colors',
    shell(
      "for i in $(seq 0 4 255); do printf '\\033[38;2;%d;%d;%dm#' $i $((255-i)) 99; done; printf '\\033[0m'; sleep 9",
    ),
    '',
  ],
  [
    'attributes',
    shell(
      "for a in 1 2 3 4 4:3 5 7 8 9 21 53; do printf '\\033[%smattribute %s\\033[0m ' $a $a; done; sleep 9",
    ),
    '',
  ],
  [
    'line drawing',
    shell(
      "printf '\\033(0lqqqqk\\r\\nx    x\\r\\nmqqqqj\\033(B plain\\n'; printf '\\033)0\\016lqk\\017 abc'; sleep 9",
    ),
    '',
  ],
  [
    'scroll region',
    shell("printf '\\033[3;8r\\033[8;1H'; seq 30; printf '\\033[r\\033[10;5Hbelow'; sleep 9"),
    '',
  ],
  [
    'tabs',
    shell("printf '\\033[3g\\033[1;10H\\033H\\033[1;25H\\033H\\r\\ta\\tb\\n'; printf 'x\\ty\\tz'; sleep 9"),
    '',
  ],
  [
    'wrap pending',
    shell("stty -a | head -1; printf '%80s' x; printf '\\033[?7l%200s' y; printf '\\033[?7hz'; sleep 9"),
    '',
  ],
  ['seq', shell('seq 300; sleep 9'), ''],
  [
    'progress',
    shell(
      "for i in $(seq 0 5 100); do printf '\\r\\033[K%3d%% [%-50s]' $i \"$(printf '#%.0s' $(seq 1 $((i/2+1))))\"; done; sleep 9",
    ),
    '',
  ],
  [
    'combining',
    shell(
      "printf 'e\\314\\201 a\\314\\210 n\\314\\203 \\340\\270\\201\\340\\270\\264 \\360\\237\\221\\251\\342\\200\\215\\360\\237\\222\\273 flag \\360\\237\\207\\251\\360\\237\\207\\252\\n'; sleep 9",
    ),
    '',
  ],
  [
    'titles and links',
    shell(
      "printf '\\033]2;a title\\007\\033]8;;https://example.org\\033\\\\link\\033]8;;\\033\\\\ \\033[22;0t\\033]0;other\\007text'; sleep 9",
    ),
    '',
  ],
  [
    'keypad and mouse modes',
    shell("printf '\\033[?1h\\033=\\033[?1002h\\033[?1006h\\033[?2004h\\033[?25l\\033[4 qmodes'; sleep 9"),
    '',
  ],
  [
    'insert and delete',
    shell(
      "printf 'abcdefgh\\033[4D\\033[2@XY\\033[3D\\033[2P\\n1\\n2\\n3\\033[2A\\033[2L\\033[B\\033[1M\\033[4hins\\033[4l'; sleep 9",
    ),
    '',
  ],
  ['cat', shell(`cat ${SOURCE}; sleep 9`), ''],
  ['figure of text', shell('figlet -w 60 rexa; seq -s " " 200 | fold -w 37; sleep 9'), ''],
  [
    'vim edit',
    ['vim', '--clean', 'a.txt'],
    'iHello<Enter>wide 日本語<Enter>tab<Tab>x<Esc>{200}yyppkdd{200}u{200}:set nu<Enter>{200}',
  ],
  [
    'vim source',
    ['vim', '--clean', '-R', SOURCE],
    ':syntax on<Enter>{300}<PageDown><PageDown>{200}/FILE<Enter>{200}nn:set hls<Enter>{200}',
  ],
  [
    'vim windows',
    ['vim', '--clean', '-R', SOURCE],
    ':split<Enter>{200}:vsplit<Enter>{200}<CtrlW>w<PageDown>{200}:only<Enter>{200}',
  ],
  ['vim help', ['vim', '--clean'], ':help<Enter>{400}<PageDown>{200}:q<Enter>{200}'],
  ['vim visual', ['vim', '--clean', '-R', LICENSE], '<CtrlL>10jv5jo{200}<Esc>V3j{200}<Esc>ggVG{200}zz'],
  ['less', ['less', LICENSE], '<Space><Space>{200}b{200}/free<Enter>{200}nnG{200}g'],
  ['less columns', ['less', '-S', '-N', SOURCE], '<Right>{200}<Down><Down><Down><PageDown>{200}<Left>{200}'],
  ['less colors', shell('ls --color=always -l /usr/bin | less -R'), '<Space>{200}<Down><Down>{200}G{200}'],
  ['top', ['top'], '{700}M{300}1{300}c{300}'],
  ['htop', ['htop'], '{700}<Down><Down><F5>{300}<F6>{300}<Esc>{300}'],
  [
    'python',
    ['python3', '-q'],
    'for i in range(30): print(i, "x" * i)<Enter><Enter>{300}import sys<Enter>print("日本")<Enter>{200}1/0<Enter>{200}',
  ],
  ['nano', ['nano', 'n.txt'], 'some text<Enter>more<Enter>{200}<Up><CtrlK>{200}<CtrlG>{300}<CtrlX>{200}n'],
  ['nano source', ['nano', '-v', SOURCE], '<PageDown>{200}<CtrlW>FILE<Enter>{200}<End>{200}'],
  [
    'emacs',
    ['emacs', '-nw', '-Q', 'e.txt'],
    '{1200}text<Enter>more text{200}<CtrlX>2{300}<CtrlX>o{200}<CtrlX>b<Enter>{300}',
  ],
  [
    'emacs dired',
    ['emacs', '-nw', '-Q', '/usr'],
    '{1200}<Down><Down>{200}<CtrlX>1{300}<CtrlS>sh{300}<CtrlG>',
  ],
  [
    'mc',
    ['mc', '-d', '/usr', '/etc'],
    '{800}<Down><Down><Tab><Down>{200}<F9>{300}<Down>{200}<Esc><Esc>{300}',
  ],
  ['mc view', ['mc', '-d', '/usr/include'], '{800}<Down><Down><Down><Down><F3>{400}<PageDown>{200}'],
  [
    'dialog menu',
    ['dialog', '--menu', 'Choose one', '12', '36', '4', 'a', 'first', 'b', 'second', 'c', 'third'],
    '{300}<Down><Down>{200}',
  ],
  [
    'dialog form',
    ['dialog', '--inputbox', 'A name?', '9', '34', 'nobody'],
    '{300}<BS><BS>ody{200}<Tab>{200}',
  ],
  [
    'dialog list',
    ['dialog', '--checklist', 'Which?', '10', '36', '3', '1', 'one', 'on', '2', 'two', 'off'],
    '{300}<Space><Down><Space>{200}',
  ],
  [
    'dialog gauge',
    shell('for i in 10 30 50 70 100; do echo $i; done | dialog --gauge working 8 34; sleep 9'),
    '{500}',
  ],
  [
    'w3m',
    shell(
      "printf '<h1>Title</h1><table border><tr><td>a<td>b</table><p>%s' \"$(seq -s ' ' 200)\" | w3m -T text/html",
    ),
    '{500}<Space>{200}/99<Enter>{200}',
  ],
  [
    'lynx',
    shell("printf '<h1>Title</h1><ul><li><a href=x>one</a><li>two</ul>' > l.html; lynx -nopause l.html"),
    '{700}<Down>{200}h{300}',
  ],
  ['ncdu', ['ncdu', '-0', '-x', '/usr/include'], '{900}<Down><Down><Enter>{300}<Left>{200}i{200}'],
  ['aptitude', ['aptitude'], '{2500}<Down><Enter>{300}<Down>{200}?{300}'],
  ['ranger', ['ranger', '/usr'], '{1200}<Down><Down><Right>{400}<Down>{300}'],
  ['cmatrix', ['cmatrix', '-s'], '{600}'],
  ['man', ['man', 'bash'], '{600}<Space><Space>{200}/SHELL<Enter>{200}'],
  [
    'tmux',
    shell('exec tmux -f /dev/null -L rexa-$$ new sh \\; set destroy-unattached on'),
    '{700}ls /usr<Enter>{300}<CtrlB>"{300}<CtrlB>%{300}exit<Enter>{300}',
  ],
  [
    'tig',
    shell(
      'git init -q . 2>/dev/null; git -c user.name=a -c user.email=a@b commit -q --allow-empty -m "the first" ; git -c user.name=a -c user.email=a@b commit -q --allow-empty -m second; tig',
    ),
    '{500}<Down><Enter>{300}q{200}',
  ],
];

const all = PROGRAMS.flatMap((program) => SIZES.map((size) => [program, size] as const));
const recorded: RecordedScreen[] = [];
const queue = [...all.entries()];
await Promise.all(Array.from({ length: AT_ONCE }, work));
writeFileSync(OUT, gzipSync(JSON.stringify(recorded), { level: 9 }));
process.exit(0);

async function work(): Promise<void> {
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const [index, [[name, command, script], size]] = next;
    using program = await startOnTerminal(command, size);
    let stream = await program.take(START_MS);
    for (const { key, pauseMs } of readStrokes(script)) {
      if (pauseMs > 0) stream += await program.take(pauseMs);
      program.type(key);
    }
    stream += await program.take(START_MS);
    // Latin-1 is a byte a character
    const bytes = Buffer.from(stream, 'latin1').subarray(0, MAX_BYTES);
    recorded[index] = { name, ...size, bytes: bytes.toString('base64') };
  }
}
