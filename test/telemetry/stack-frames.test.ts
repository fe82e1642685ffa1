import { describe, expect, it } from 'vitest'
import { AppError } from '../../lib/errors/app-error.ts'
import { traceOf } from '../../lib/telemetry/log.ts'

const stackOf = (...lines: string[]) =>
  traceOf(Object.assign(new Error('x'), { stack: ['Error: x', ...lines].join('\n') })).stack

describe('a line of a stack', () => {
  it.each([
    '    at file:///var/task/index.mjs:1:2',
    '    at f (file:///var/task/index.mjs:1:2)',
    '    at async f (/var/task/index.mjs:1:2)',
    '    at async file:///var/task/index.mjs:1:2',
    '    at node:internal/process/task_queues:95:5',
  ])('is kept as a frame: %s', (line) => {
    expect(stackOf(line)).toBe(line)
  })

  it.each([
    '6299990000000017 at file:///index.mjs:1:2',
    '    at file:///index.mjs:1:2 6299990000000017',
    '    at f (file:///index.mjs:1:2) 6299990000000017',
    '    at f (file:///6299990000000017 x.mjs:1:2)',
  ])('is dropped where it holds anything else: %s', (line) => {
    expect(stackOf(line)).toBe('')
  })
})

describe('an AppError', () => {
  it('says of a call that nobody mentions that it was not sent', () => {
    expect(new AppError('not_found').fate).toBe('not_sent')
  })
})
