/** The limits of `rexa smoke`. */

/** A file of tests that is larger is refused before it is parsed. */
export const MAX_SUITE_BYTES = 4 * 1024 * 1024;
/** What is kept of each stream of a test: assertions on longer output fail as incomplete. */
export const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;
/** What a report holds of each stream of a test. */
export const MAX_REPORTED_CHARACTERS = 64 * 1024;
/** What the terminal shows of each stream of a failed test, in lines. */
export const MAX_SHOWN_LINES = 60;
/** Hosts that are connected to at the same time. */
export const MAX_OPEN_HOSTS = 64;
/** Tests that `matrix` may make of one. */
export const MAX_MATRIX_CASES = 1_000;
/** The most of `parallel` and `--parallel`: the runs that one key may have on a host are limited too. */
export const MAX_PARALLEL_TESTS = 64;
/** The most of `retries` and `--retry-failed`. */
export const MAX_TRIES = 1_000;
/** The most of `--repeat`. */
export const MAX_REPETITIONS = 10_000;
/** The most of a tested terminal's columns, and of its rows. */
export const MAX_SCREEN_CELLS = 1_000;
/** How long a step waits for its screen, in a test without `timeout` and `wait`. */
export const STEP_TIMEOUT_MS = 10_000;
/** A screen that has not changed for so long is written as a snapshot. */
export const SCREEN_SETTLED_MS = 500;
/** Milliseconds between looks whether a host is alive. */
export const KEEPALIVE_MS = 5_000;
