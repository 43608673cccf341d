import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as fontkit from "fontkit";

export type Weight = "regular" | "bold";

/** A font that can be asked what it has. */
export type PdfFont = fontkit.Font;

/** The fonts of one weight, dearest first: a letter is printed with the first that has it. */
export type FontChain = readonly PdfFont[];

// Noto Sans has Latin, Greek and Cyrillic with all their marks, and Devanagari; DejaVu Sans adds Hebrew, Arabic, Armenian,
// Georgian and signs. Chinese, Japanese and Korean would be 10 MB a weight, and are not there.
const FILES: Readonly<Record<Weight, readonly string[]>> = {
  regular: [
    import.meta.resolve("@expo-google-fonts/noto-sans/400Regular/NotoSans_400Regular.ttf"),
    import.meta.resolve("dejavu-fonts-ttf/ttf/DejaVuSans.ttf"),
  ],
  bold: [
    import.meta.resolve("@expo-google-fonts/noto-sans/700Bold/NotoSans_700Bold.ttf"),
    import.meta.resolve("dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf"),
  ],
};

const parsed = new Map<Weight, FontChain>();

/** Read when they are needed first, and kept: about 3 MB. */
export function fontsOf(weight: Weight): FontChain {
  let fonts = parsed.get(weight);
  if (fonts === undefined) {
    fonts = FILES[weight].map((url) => fontOf(readFileSync(fileURLToPath(url))));
    parsed.set(weight, fonts);
  }
  return fonts;
}

function fontOf(bytes: Buffer): PdfFont {
  const font = fontkit.create(bytes);
  if (!("layout" in font)) throw new Error("a font file holds one font");
  rememberLetters(font);
  return font;
}

/**
 * A font keeps its glyphs as they were first asked for. One whose outline is part of another one's (the z of ž) is asked
 * for by its number alone when that one is printed, and would have no letter ever after: in all later documents it could
 * be seen, but not read aloud, searched or copied.
 */
function rememberLetters(font: PdfFont): void {
  const getGlyph = font.getGlyph.bind(font);
  font.getGlyph = (id, codePoints = []) => {
    const glyph = getGlyph(id, codePoints);
    if (glyph.codePoints.length === 0 && codePoints.length > 0) glyph.codePoints = codePoints;
    return glyph;
  };
}
