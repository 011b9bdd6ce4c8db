/**
 * `npm run bench [NAME...]`: measures rexa beside a rival in the same run, since only ratios travel between machines.
 * Nothing is judged here; the figures are medians.
 */
const BENCHES = {
  cold: () => import('./bench/cold.ts'),
  warm: () => import('./bench/warm.ts'),
  throughput: () => import('./bench/throughput.ts'),
  tls: () => import('./bench/tls.ts'),
  replay: () => import('./bench/replay.ts'),
  transcode: () => import('./bench/transcode.ts'),
  memory: () => import('./bench/memory.ts'),
  'drop-in': () => import('./bench/drop-in.ts'),
  echo: () => import('./bench/echo.ts'),
} as const;

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in BENCHES));
if (unknown.length > 0) {
  process.stderr.write(
    `no such bench: ${unknown.join(', ')}; there are: ${Object.keys(BENCHES).join(', ')}\n`,
  );
  process.exit(2);
}
for (const [name, load] of Object.entries(BENCHES)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  const { measure } = await load();
  process.stdout.write(`\n${name}\n`);
  for (const row of await measure()) process.stdout.write(`  ${row}\n`);
}
