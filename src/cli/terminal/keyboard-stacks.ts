/** Follows the keyboard protocol of kitty (progressive enhancement), which has a stack of flags for each of both screens. */
export interface KeyboardStacks {
  push(isOtherScreen: boolean): void;
  pop(isOtherScreen: boolean, count: number): void;
  /** @param isOn whether any flag is set */
  set(isOtherScreen: boolean, isOn: boolean): void;
  reset(): void;
  /** What takes back what a screen has, written while that is shown; empty where there is nothing. */
  undo(isOtherScreen: boolean): string;
}

/** Terminals keep no more either. */
const MAX_PUSHED = 16;

export function createKeyboardStacks(): KeyboardStacks {
  const screens = [
    { pushed: 0, isSet: false },
    { pushed: 0, isSet: false },
  ] as const;
  const of = (isOtherScreen: boolean): { pushed: number; isSet: boolean } => screens[isOtherScreen ? 1 : 0];

  return {
    push(isOtherScreen) {
      const screen = of(isOtherScreen);
      screen.pushed = Math.min(MAX_PUSHED, screen.pushed + 1);
    },
    pop(isOtherScreen, count) {
      const screen = of(isOtherScreen);
      screen.pushed = Math.max(0, screen.pushed - count);
    },
    set(isOtherScreen, isOn) {
      // What is set above a push goes with it
      if (of(isOtherScreen).pushed === 0) of(isOtherScreen).isSet = isOn;
    },
    reset() {
      for (const screen of screens) Object.assign(screen, { pushed: 0, isSet: false });
    },
    undo(isOtherScreen) {
      const { pushed, isSet } = of(isOtherScreen);
      return `${pushed > 0 ? `\x1b[<${pushed}u` : ''}${isSet ? '\x1b[=0;1u' : ''}`;
    },
  };
}
