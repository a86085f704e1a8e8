// Parts of a text as networks count them: 160 septets of the GSM alphabet or 70 UTF-16 units in one, a few less in each of
// several.

const BASIC =
  "\n\r !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz" +
  "£¥èéùìòÇØøÅåΔΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà";
const EXTENDED = "^{}\\[~]|€\f";

export function parts(text) {
  const letters = [...text];
  const narrow = letters.every((letter) => BASIC.includes(letter) || EXTENDED.includes(letter));
  const width = (letter) => (narrow ? (EXTENDED.includes(letter) ? 2 : 1) : letter.length);
  const [one, joined] = narrow ? [160, 153] : [70, 67];
  if (letters.reduce((sum, letter) => sum + width(letter), 0) <= one) return 1;
  let count = 1;
  let filled = 0;
  for (const letter of letters) {
    if (filled + width(letter) > joined) {
      count += 1;
      filled = 0;
    }
    filled += width(letter);
  }
  return count;
}
