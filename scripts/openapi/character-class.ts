const LAST_CODE_POINT = 0x10ffff
const FIRST_ASTRAL = 0x10000

/**
 * The characters that pass, as a class that JavaScript, Python, Go and Rust read alike: property
 * escapes differ among them, and code points above U+FFFF have no common escape.
 */
export function characterClass(passes: (character: string) => boolean): string {
  const ranges: [first: number, last: number][] = []
  for (let code = 0; code <= LAST_CODE_POINT; code++) {
    const isSurrogate = code >= 0xd800 && code <= 0xdfff
    if (isSurrogate || !passes(String.fromCodePoint(code))) continue
    const range = ranges.at(-1)
    if (range?.[1] === code - 1) range[1] = code
    else ranges.push([code, code])
  }
  const written = ranges.map(([first, last]) =>
    first === last ? escaped(first) : `${escaped(first)}-${escaped(last)}`,
  )
  return `[${written.join('')}]`
}

function escaped(code: number): string {
  const character = String.fromCodePoint(code)
  if (code >= FIRST_ASTRAL || /[A-Za-z0-9 ]/.test(character)) return character
  return `\\u${code.toString(16).padStart(4, '0')}`
}
