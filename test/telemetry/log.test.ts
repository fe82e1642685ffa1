import { describe, expect, it } from 'vitest'
import { log, traceOf } from '../../lib/telemetry/log.ts'
import { capturedOutput } from './captured-output.ts'

const CARD = '6299990000000017'
const output = capturedOutput()

describe('log', () => {
  it('prints one JSON line with level, event, time and the fields that have a value', () => {
    log('warn', 'secret_stale', { secretId: 'a\nb', tries: 2, cached: true, version: undefined })
    expect(output.lines()).toStrictEqual([
      {
        level: 'warn',
        event: 'secret_stale',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        secretId: 'a\nb',
        tries: 2,
        cached: true,
      },
    ])
  })

  it('takes no object, and so no event, body or error', () => {
    // @ts-expect-error -- an error is not a value
    const passError = () => log('error', 'x', { error: new Error(CARD) })
    // @ts-expect-error -- nor is an event
    const passEvent = () => log('error', 'x', { event: { body: CARD } })
    expect([passError, passEvent]).toHaveLength(2)
  })
})

describe('traceOf', () => {
  it.each<[string, () => unknown]>([
    ['a JSON.parse error, which quotes the body', () => JSON.parse(`${CARD}x`)],
    ['a JSON.parse error of several lines', () => JSON.parse(`{\n    at ${CARD}`)],
    ['a message', () => raise(new Error(CARD))],
    [
      'lines of the message that look like stack frames',
      () => raise(new Error(`x\n    at ${CARD}\n    at f (file:///${CARD}.js:1:1)\n`)),
    ],
    ['such lines of a message that was changed after the stack was read', changedMessage],
    ['a cause', () => raise(new Error('x', { cause: { data: CARD } }))],
    ['a cause that is an error', () => raise(new Error('x', { cause: new Error(CARD) }))],
    ['errors inside', () => raise(new AggregateError([new Error(CARD)], CARD))],
    ['a member', () => raise(Object.assign(new TypeError('x'), { body: CARD }))],
  ])('leaks nothing of %s, and keeps where it arose', (_, act) => {
    const trace = traceOf(thrownBy(act))
    expect(JSON.stringify(trace)).not.toContain('629999')
    expect(trace.error).toMatch(/^(Error|SyntaxError|TypeError|AggregateError)$/)
    expect(trace.stack).toContain('log.test.ts')
  })

  it.each([
    [CARD, 'string'],
    [{ message: CARD, stack: `    at ${CARD} (file:///a.js:1:1)` }, 'object'],
    [undefined, 'undefined'],
    [null, 'object'],
  ])('says of %j, which is no error, only its type', (thrown, type) => {
    expect(traceOf(thrown)).toStrictEqual({ error: type })
  })

  it('survives an error without a stack', () => {
    expect(traceOf(Object.assign(new Error(CARD), { stack: undefined }))).toStrictEqual({
      error: 'Error',
      stack: '',
    })
  })

  it('keeps ten frames at most', () => {
    const limit = Error.stackTraceLimit
    Error.stackTraceLimit = 50
    const dive = (depth: number): unknown => (depth === 0 ? raise(new Error('x')) : dive(depth - 1))
    const { stack } = traceOf(thrownBy(() => dive(30)))
    Error.stackTraceLimit = limit
    expect(stack?.split('\n')).toHaveLength(10)
  })
})

function changedMessage(): never {
  const error = new Error(`x\n    at ${CARD}\n    at f (${CARD})`)
  expect(error.stack).toContain(CARD)
  throw Object.assign(error, { message: 'safe' })
}

function raise(error: Error): never {
  throw error
}

function thrownBy(act: () => unknown): unknown {
  try {
    return act()
  } catch (error) {
    return error
  }
}
