import { escapeXml } from '../../src/cli/smoke/report/xml-text.ts';
import { formatFigure, type Row, type Table } from './figures.ts';

const WIDTH = 760;
const NAME_WIDTH = 300;
const BAR_WIDTH = 320;
const ROW_HEIGHT = 26;
const TOP = 40;

/** Draws a table as bars from nought, ours in another colour, with a line over what lies between the low and the high figure. */
export function drawChart({ title, unit, better, rows }: Table): string {
  const most = Math.max(...rows.map(({ median, high }) => Math.max(median, high)));
  const heading = escapeXml(`${title} (${unit}, ${better} is better)`);
  const height = TOP + rows.length * ROW_HEIGHT + 10;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" font-family="sans-serif" font-size="13">`,
    `<title>${heading}</title>`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    `<text x="10" y="22" font-weight="bold" fill="#111111">${heading}</text>`,
    ...rows.map((row, index) => drawRow(row, TOP + index * ROW_HEIGHT, most)),
    '</svg>',
    '',
  ].join('\n');
}

function drawRow({ name, median, low, high, ratio }: Row, y: number, most: number): string {
  const x = (figure: number): string => (NAME_WIDTH + (figure / most) * BAR_WIDTH).toFixed(1);
  const middle = y + ROW_HEIGHT / 2 - 3;
  const color = name.startsWith('rexa') ? '#2f6fde' : '#9aa4b2';
  return [
    `<text x="10" y="${y + 14}" fill="#111111">${escapeXml(name)}</text>`,
    `<rect x="${NAME_WIDTH}" y="${y}" width="${((median / most) * BAR_WIDTH).toFixed(1)}" height="${ROW_HEIGHT - 6}" fill="${color}"/>`,
    `<line x1="${x(low)}" x2="${x(high)}" y1="${middle}" y2="${middle}" stroke="#111111"/>`,
    `<text x="${NAME_WIDTH + BAR_WIDTH + 10}" y="${y + 14}" fill="#111111">${formatFigure(median)} (×${ratio.toFixed(2)})</text>`,
  ].join('\n');
}
