export type Json = string | number | boolean | null | Json[] | Map<string, Json>

/**
 * RFC 8259 read to the letter, written by hand: it shares nothing with `JSON.parse`, and has no
 * value for a text in which a key stands twice.
 */
export function strictJson(text: string): Json | undefined {
  let at = 0
  const fail = (): never => {
    throw new SyntaxError(`not JSON at ${at}`)
  }
  const taken = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at
    const [found] = pattern.exec(text) ?? []
    at += found?.length ?? 0
    return found
  }
  const next = (character: string): boolean => {
    taken(SPACE)
    if (text[at] !== character) return false
    at++
    return true
  }

  function value(): Json {
    taken(SPACE)
    if (text[at] === '"') return string()
    if (next('{')) return object()
    if (next('[')) return array()
    const word = taken(WORD)
    if (word !== undefined) return WORDS.get(word) ?? null
    const number = taken(NUMBER)
    return number === undefined ? fail() : Number(number)
  }

  function object(): Json {
    const members = new Map<string, Json>()
    if (next('}')) return members
    do {
      taken(SPACE)
      const key = string()
      if (members.has(key) || !next(':')) fail()
      members.set(key, value())
    } while (next(','))
    return next('}') ? members : fail()
  }

  function array(): Json {
    const items: Json[] = []
    if (next(']')) return items
    do items.push(value())
    while (next(','))
    return next(']') ? items : fail()
  }

  function string(): string {
    const quoted = taken(STRING) ?? fail()
    return quoted
      .slice(1, -1)
      .replace(ESCAPE, (_, code: string | undefined, short: string) =>
        code === undefined ? (SHORT.get(short) ?? short) : String.fromCharCode(parseInt(code, 16)),
      )
  }

  try {
    const whole = value()
    taken(SPACE)
    return at === text.length ? whole : undefined
  } catch {
    return undefined
  }
}

const SPACE = /[ \t\n\r]*/y
const WORD = /true|false|null/y
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y
// oxlint-disable-next-line no-control-regex -- they are what must not stand in a string
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y
const ESCAPE = /\\(?:u([0-9a-fA-F]{4})|(.))/g
const WORDS = new Map<string, boolean>([
  ['true', true],
  ['false', false],
])
const SHORT = new Map([
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
])
