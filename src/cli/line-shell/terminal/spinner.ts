import { SPINNER_AFTER_MS } from '../../limits.ts';
import { describeWaiting, FRAME_MS, type Progress } from './waiting.ts';

/** Shows that something goes on, once nothing was seen on the terminal for SPINNER_AFTER_MS. */
export interface Spinner {
  start(): void;
  /** Takes it away for good. */
  stop(): void;
  /** Takes it away because something else is written; it may come back. */
  hide(): void;
  /** So many bytes of output have come; `isSeen`: on the terminal. */
  count(bytes: number, isSeen: boolean): void;
  announce(totalBytes: number): void;
}

/** @param show writes the text over what it wrote before; false: there is no room for it now. Null takes it away. */
export function createSpinner(show: (text: string | null) => boolean, charset: 'unicode' | 'ascii'): Spinner {
  let timer: NodeJS.Timeout | undefined;
  let sinceMs = 0;
  let seenMs = 0;
  let progress: Progress = { doneBytes: 0, totalBytes: null };
  let isShown = false;

  function tick(): void {
    const nowMs = performance.now();
    if (nowMs - seenMs < SPINNER_AFTER_MS) return;
    isShown = show(describeWaiting(nowMs - sinceMs, progress, charset)) || isShown;
  }

  function hide(): void {
    if (isShown) show(null);
    isShown = false;
  }

  return {
    start() {
      clearInterval(timer);
      sinceMs = seenMs = performance.now();
      progress = { doneBytes: 0, totalBytes: null };
      timer = setInterval(tick, FRAME_MS);
    },
    stop() {
      clearInterval(timer);
      hide();
    },
    hide() {
      hide();
      seenMs = performance.now();
    },
    count(bytes, isSeen) {
      progress = { ...progress, doneBytes: progress.doneBytes + bytes };
      if (isSeen) seenMs = performance.now();
    },
    announce(totalBytes) {
      progress = { ...progress, totalBytes };
    },
  };
}
