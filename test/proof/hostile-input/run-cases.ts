import { Draw } from './draw.ts'
import { hostileRead } from './hostile-read.ts'
import { hostileEvent } from './hostile-event.ts'
import { context, type inProcessHandlers } from './in-process.ts'
import { judgeAnswer, judgeRead } from './judge-answer.ts'
import { Tally } from './tally.ts'
import { validatorCase } from './validator-cases.ts'

export type Cases = {
  seed: number
  count: number
  /** Ends with the first of these faults. */
  until?: string
  say?: (line: string) => void
}

const SAID_EVERY = 100_000

/** The validators one by one, against the oracle. */
export function runValidatorCases({ seed, count, say }: Cases): Tally {
  const tally = new Tally()
  for (let place = 0; place < count; place++) {
    const { what, how, run, isRight } = validatorCase(new Draw(seed, place))
    tally.cases += 1
    try {
      const { result, isSlow } = tally.timed(run)
      if (isSlow) tally.fail('slow', place, `${what}: ${how}`)
      if (!isRight(result)) tally.fail('wrong', place, `${what}: ${how}`)
    } catch (error) {
      tally.fail('crash', place, `${what}: ${how}: ${nameOf(error)}`)
    }
    if (tally.cases % SAID_EVERY === 0) say?.(`${tally.cases} validator cases`)
  }
  return tally
}

// One in so many goes to a route that reads.
export const READS = 0.1
export const ANONYMOUS = 0.1

/** Events through the handlers of this process, against the oracle; what they log is dropped. */
export async function runHandlerCases(
  subject: ReturnType<typeof inProcessHandlers>,
  { seed, count, until, say }: Cases,
): Promise<Tally> {
  const tally = new Tally()
  const print = process.stdout.write.bind(process.stdout)
  process.stdout.write = () => true
  try {
    for (let place = 0; place < count && !tally.faults.has(until ?? ''); place++) {
      const draw = new Draw(seed, place)
      const { how, run, judge } = draw.happens(READS)
        ? readCase(draw, subject)
        : verifyCase(draw, subject)
      tally.cases += 1
      try {
        const { result, isSlow } = await tally.timedAsync(run)
        if (isSlow) tally.fail('slow', place, how)
        const fault = judge(result)
        if (fault) tally.fail(fault, place, how)
      } catch (error) {
        tally.fail('crash', place, `${how}: ${nameOf(error)}`)
      }
      if (tally.cases % SAID_EVERY === 0) say?.(`${tally.cases} handler cases`)
    }
  } finally {
    process.stdout.write = print
  }
  return tally
}

type Subject = ReturnType<typeof inProcessHandlers>
type Result = {
  answer: Awaited<ReturnType<Subject['handlers']['getUsage']>>
  asked: ReturnType<Subject['takeAsked']>
}

function verifyCase(draw: Draw, { handlers, takeAsked }: Subject) {
  const { event, operation, ruling, how } = hostileEvent(draw)
  return {
    how: `${operation}: ${how}`,
    run: async (): Promise<Result> => ({
      answer: await handlers[operation](event, context),
      asked: takeAsked(),
    }),
    judge: ({ answer, asked }: Result) => judgeAnswer(answer, asked, ruling),
  }
}

function readCase(draw: Draw, { handlers, takeAsked }: Subject) {
  const { route, event, mayBe, how } = hostileRead(draw, draw.happens(ANONYMOUS))
  return {
    how: `${route}: ${how}`,
    run: async (): Promise<Result> => ({
      answer: await handlers[route](event, context),
      asked: takeAsked(),
    }),
    judge: ({ answer, asked }: Result) => judgeRead(answer, asked, mayBe),
  }
}

export const nameOf = (error: unknown) => (error instanceof Error ? error.name : typeof error)
