import type { CopyProgress } from '../../services/files/client-types.ts';
import { ERASE_ROW, leaveRow, mayDraw, takeRow } from '../output/drawn-lines.ts';
import { chooseWording } from '../terminal/choose-wording.ts';
import { describeBytes } from './describe-copy.ts';

/** Where the line is drawn. */
export interface ProgressTerminal {
  write(text: string): unknown;
  readonly columns: number;
}

/** Milliseconds between two looks. */
const LOOK_MS = 250;
/** The rate is that of the last looks. */
const RATE_LOOKS = 20;

/** Draws the line of progress of a copy, until what is returned is called. */
export function drawProgress(terminal: ProgressTerminal, progress: () => CopyProgress): () => void {
  const looks: { readonly ms: number; readonly bytes: number }[] = [];
  let isShown = false;

  function erase(): void {
    if (isShown) terminal.write(ERASE_ROW);
    isShown = false;
    leaveRow(erase);
  }

  function draw(): void {
    const counts = progress();
    looks.push({ ms: performance.now(), bytes: counts.bytes });
    if (looks.length > RATE_LOOKS) looks.shift();
    if (counts.current === null || !mayDraw()) return;
    takeRow(erase);
    isShown = true;
    // In the last column some terminals wrap
    terminal.write(ERASE_ROW + chooseWording(describeProgress(counts, rateOf(looks)), terminal.columns - 1));
  }

  const timer = setInterval(draw, LOOK_MS).unref();
  return () => {
    clearInterval(timer);
    erase();
  };
}

/** Bytes in a second. */
function rateOf(looks: readonly { readonly ms: number; readonly bytes: number }[]): number {
  const [first] = looks;
  const last = looks.at(-1);
  if (first === undefined || last === undefined || last.ms === first.ms) return 0;
  // What was sent in vain is taken back
  return (Math.max(0, last.bytes - first.bytes) * 1000) / (last.ms - first.ms);
}

/** Returns the line in ever fewer columns: bytes, rate, time left, counts of many files, the current file. */
export function describeProgress(counts: CopyProgress, rate: number): readonly string[] {
  const { knownBytes, doneBytes: done, copied, unchanged, failed, current } = counts;
  const share = knownBytes > 0 ? `${Math.min(100, Math.floor((done / knownBytes) * 100))}% ` : '';
  const total = knownBytes > done ? ` of ${describeBytes(knownBytes)}` : '';
  const left = rate > 0 && knownBytes > done ? `, ${describeSeconds((knownBytes - done) / rate)} left` : '';
  const files = copied + unchanged + failed;
  const count = files > 0 ? `, ${files} files` : '';
  const amount = `${share}${describeBytes(done)}${total}`;
  const speed = `, ${describeBytes(Math.round(rate))}/s`;
  return [
    `${amount}${speed}${left}${count}: ${current ?? ''}`,
    `${amount}${speed}${left}${count}`,
    `${amount}${speed}`,
    amount,
  ];
}

function describeSeconds(seconds: number): string {
  const whole = Math.ceil(seconds);
  const minutes = Math.floor(whole / 60);
  const hours = Math.floor(minutes / 60);
  const pad = (value: number): string => String(value).padStart(2, '0');
  return hours > 0 ? `${hours}:${pad(minutes % 60)}:${pad(whole % 60)}` : `${minutes}:${pad(whole % 60)}`;
}
