import type { IBufferCell } from '@xterm/headless';

/** A cell of xterm's, with what its types leave out: which line is drawn below the text, and its colour. */
export interface StyledCell extends IBufferCell {
  readonly fg: number;
  readonly bg: number;
  readonly extended: { readonly ext: number; readonly underlineStyle: number; readonly urlId: number };
  isUnderlineColorRGB(): boolean;
  isUnderlineColorPalette(): boolean;
  getUnderlineColor(): number;
  hasExtendedAttrs(): number;
}

/** Attributes by themselves, as they are saved with a cursor, or hold for what is written next. */
export type CellStyle = Pick<StyledCell, 'fg' | 'bg' | 'extended'> &
  Omit<StyledCell, 'getChars' | 'getCode' | 'getWidth'>;

const ESC = '\x1b';
/** The mode of a colour that was chosen by 38;5 or 48;5 (xterm's CM_P256). */
const OF_256_COLOURS = 0x2000000;

/** No attributes. */
export const PLAIN_STYLE = `${ESC}[0m`;

/** Returns the SGR that gives these attributes, whatever held before. */
export function writeStyle(cell: CellStyle): string {
  if (cell.isAttributeDefault()) return PLAIN_STYLE;
  const parts: (string | number)[] = [0];
  if (cell.isBold()) parts.push(1);
  if (cell.isDim()) parts.push(2);
  if (cell.isItalic()) parts.push(3);
  if (cell.hasExtendedAttrs()) parts.push(...writeUnderlineColor(cell));
  if (cell.isUnderline()) parts.push(hasOtherLine(cell) ? `4:${cell.extended.underlineStyle}` : 4);
  if (cell.isBlink()) parts.push(5);
  if (cell.isInverse()) parts.push(7);
  if (cell.isInvisible()) parts.push(8);
  if (cell.isStrikethrough()) parts.push(9);
  if (cell.isOverline()) parts.push(53);
  if (cell.isFgPalette()) parts.push(writePalette(cell.getFgColor(), cell.getFgColorMode(), 30));
  else if (cell.isFgRGB()) parts.push(`38;2;${writeRgb(cell.getFgColor(), ';')}`);
  if (cell.isBgPalette()) parts.push(writePalette(cell.getBgColor(), cell.getBgColorMode(), 40));
  else if (cell.isBgRGB()) parts.push(`48;2;${writeRgb(cell.getBgColor(), ';')}`);
  return `${ESC}[${parts.join(';')}m`;
}

function hasOtherLine(cell: CellStyle): boolean {
  return cell.hasExtendedAttrs() !== 0 && cell.extended.underlineStyle > 1;
}

function writeUnderlineColor(cell: CellStyle): string[] {
  if (cell.isUnderlineColorPalette()) return [`58:5:${cell.getUnderlineColor()}`];
  return cell.isUnderlineColorRGB() ? [`58:2::${writeRgb(cell.getUnderlineColor(), ':')}`] : [];
}

/** Some terminals show bold text brighter in a colour that was chosen as one of sixteen, and not in the same one of 256. */
function writePalette(color: number, mode: number, base: number): string {
  if (mode === OF_256_COLOURS) return `${base + 8};5;${color}`;
  if (color < 8) return String(base + color);
  return String(base + 60 + color - 8);
}

function writeRgb(color: number, separator: string): string {
  return [(color >> 16) & 255, (color >> 8) & 255, color & 255].join(separator);
}
