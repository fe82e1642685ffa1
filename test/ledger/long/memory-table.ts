import type { Item, Key, Value, Write } from '../../../lib/ledger/dynamo-table.ts'

type Stored = Record<string, Value>
type Values = Readonly<Record<string, Value>>

/**
 * One DynamoDB table in memory, where every write takes place at once and alone. It knows the
 * expressions that the ledger uses and refuses all others; a differential test holds it to dynalite.
 */
export function memoryTable() {
  const items = new Map<string, Stored>()
  const nameOf = ({ pk, sk }: Key) => `${pk}\n${sk}`
  const holds = (key: Key, { condition, values = {} }: Write) =>
    condition === undefined || conditionOf(condition)(items.get(nameOf(key)) ?? {}, values)

  return {
    items,
    get(key: Key): Item | undefined {
      const item = items.get(nameOf(key))
      return item && plain(item)
    },
    update(key: Key, write: Write): boolean {
      if (!holds(key, write)) return false
      const before = items.get(nameOf(key)) ?? { ...key }
      items.set(nameOf(key), updateOf(write.update ?? '')(before, write.values ?? {}))
      return true
    },
    remove(key: Key, write: Write): boolean {
      if (!holds(key, write)) return false
      items.delete(nameOf(key))
      return true
    },
  }
}

/** As `Table.get` gives it, its sets in order. */
export function plain(item: Readonly<Record<string, unknown>>): Item {
  return Object.fromEntries(
    Object.entries(item)
      .filter(([, value]) => value !== undefined)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, value]) => [
        name,
        value instanceof Set || Array.isArray(value)
          ? [...(value as Iterable<string>)].sort()
          : (value as string | number),
      ]),
  )
}

type Condition = (item: Stored, values: Values) => boolean
type Operand = (item: Stored, values: Values) => Value | undefined
const conditions = new Map<string, Condition>()

function conditionOf(text: string): Condition {
  const known = conditions.get(text)
  if (known) return known
  const tokens = new Tokens(text)
  const condition = readOr(tokens)
  tokens.end()
  conditions.set(text, condition)
  return condition
}

function readOr(tokens: Tokens): Condition {
  const parts = [readAnd(tokens)]
  while (tokens.take('OR')) parts.push(readAnd(tokens))
  return (item, values) => parts.some((part) => part(item, values))
}

function readAnd(tokens: Tokens): Condition {
  const parts = [readTest(tokens)]
  while (tokens.take('AND')) parts.push(readTest(tokens))
  return (item, values) => parts.every((part) => part(item, values))
}

function readTest(tokens: Tokens): Condition {
  if (tokens.take('(')) {
    const inner = readOr(tokens)
    tokens.need(')')
    return inner
  }
  for (const [name, wanted] of [
    ['attribute_exists', true],
    ['attribute_not_exists', false],
  ] as const) {
    if (!tokens.take(name)) continue
    const attribute = tokens.inBrackets()
    return (item) => Object.hasOwn(item, attribute) === wanted
  }
  if (tokens.take('contains')) {
    tokens.need('(')
    const attribute = tokens.next()
    tokens.need(',')
    const member = readOperand(tokens)
    tokens.need(')')
    return (item, values) => {
      const set = item[attribute]
      return set instanceof Set && set.has(member(item, values))
    }
  }
  const left = readOperand(tokens)
  const compare = comparisons[tokens.next()]
  if (!compare) throw new Error(`memoryTable does not compare so: ${tokens.text}`)
  const right = readOperand(tokens)
  return (item, values) => compare(left(item, values), right(item, values))
}

function readOperand(tokens: Tokens): Operand {
  if (tokens.take('size')) {
    const attribute = tokens.inBrackets()
    return (item) => {
      const set = item[attribute]
      return set instanceof Set ? set.size : undefined
    }
  }
  const name = tokens.next()
  return name.startsWith(':') ? (_, values) => need(values, name) : (item) => item[name]
}

type Comparison = (left: Value | undefined, right: Value | undefined) => boolean
const ordered =
  (holds: (left: string | number, right: string | number) => boolean): Comparison =>
  (left, right) =>
    typeof left === typeof right &&
    (typeof left === 'string' || typeof left === 'number') &&
    holds(left, right as string | number)

const comparisons: Record<string, Comparison> = {
  '=': (left, right) => left !== undefined && left === right,
  '<>': (left, right) => left !== right,
  '<': ordered((left, right) => left < right),
  '<=': ordered((left, right) => left <= right),
}

type Update = (item: Stored, values: Values) => Stored
const updates = new Map<string, Update>()
const CLAUSES = ['SET', 'REMOVE', 'ADD', 'DELETE']

function updateOf(text: string): Update {
  const known = updates.get(text)
  if (known) return known
  const tokens = new Tokens(text)
  const changes: ((item: Stored, values: Values) => void)[] = []
  while (!tokens.done) {
    const clause = tokens.next()
    if (!CLAUSES.includes(clause)) throw new Error(`memoryTable does not know ${text}`)
    do changes.push(readChange(clause, tokens))
    while (tokens.take(','))
  }
  const update: Update = (before, values) => {
    const item = { ...before }
    for (const change of changes) change(item, values)
    return item
  }
  updates.set(text, update)
  return update
}

function readChange(clause: string, tokens: Tokens): (item: Stored, values: Values) => void {
  const attribute = tokens.next()
  if (clause === 'REMOVE') return (item) => void delete item[attribute]
  if (clause === 'SET') tokens.need('=')
  const operand = tokens.next()
  return (item, values) => {
    const value = need(values, operand)
    const before = item[attribute]
    if (clause === 'SET') item[attribute] = value
    else if (clause === 'ADD' && typeof value === 'number') {
      item[attribute] = value + Number(before ?? 0)
    } else {
      const members = new Set(before instanceof Set ? before : [])
      for (const member of value as ReadonlySet<string>) {
        if (clause === 'ADD') members.add(member)
        else members.delete(member)
      }
      if (members.size > 0) item[attribute] = members
      else delete item[attribute]
    }
  }
}

function need(values: Values, name: string): Value {
  const value = values[name]
  if (value === undefined) throw new Error(`no value for ${name}`)
  return value
}

class Tokens {
  readonly text: string
  readonly #tokens: string[]
  #place = 0

  constructor(text: string) {
    this.text = text
    this.#tokens = text.match(/:?\w+|<>|<=|>=|\S/g) ?? []
  }

  get done(): boolean {
    return this.#place >= this.#tokens.length
  }

  next(): string {
    const token = this.#tokens[this.#place]
    if (token === undefined) throw new Error(`${this.text} ends too soon`)
    this.#place += 1
    return token
  }

  take(token: string): boolean {
    if (this.#tokens[this.#place] !== token) return false
    this.#place += 1
    return true
  }

  need(token: string): void {
    if (!this.take(token)) throw new Error(`no ${token} in ${this.text}`)
  }

  inBrackets(): string {
    this.need('(')
    const name = this.next()
    this.need(')')
    return name
  }

  end(): void {
    if (!this.done) throw new Error(`more than a condition: ${this.text}`)
  }
}
