import { readFileSync } from 'node:fs'
import { actualAnswer, type Answer, expectedAnswer } from './demo/answer.ts'
import { type DemoCase, demoCases } from './demo/cases.ts'
import { eventPath, invokeLocal } from './demo/invoke-local.ts'
import { paint, tableLine, widthsOf } from './demo/table.ts'

// As many as the smallest machine that this runs on has cores.
const AT_ONCE = 2
const ASKED = ['function', 'channel', 'event', 'card']
const ANSWERED = ['HTTP', 'answer', 'billable', 'retry']
const MS = '   ms'

const started = performance.now()
const widths = widthsOf([
  [...ASKED, ...ANSWERED, MS],
  ...demoCases.map((demoCase) => [
    ...askedCells(demoCase),
    ...answerCells(expectedAnswer(demoCase.expected)),
  ]),
])

console.log(`\nsls invoke local: ${demoCases.length} events, simulated providers, no AWS\n`)
console.log(paint('bold', `  ${tableLine([...ASKED, ...ANSWERED, MS], widths)}`))

let unexpected = 0
for await (const outcome of inOrder(demoCases, run)) print(outcome)

const seconds = Math.round((performance.now() - started) / 1000)
console.log(
  unexpected === 0
    ? paint('green', `\nAll ${demoCases.length} answers are the expected ones (${seconds} s).\n`)
    : paint('red', `\n${unexpected} of ${demoCases.length} answers are not the expected ones.\n`),
)
process.exitCode = unexpected === 0 ? 0 : 1

async function run(demoCase: DemoCase) {
  return { demoCase, invoked: await invokeLocal(demoCase) }
}

function print({ demoCase, invoked }: Awaited<ReturnType<typeof run>>) {
  const expected = expectedAnswer(demoCase.expected)
  const answer = 'body' in invoked ? actualAnswer(invoked) : undefined
  const ms = 'body' in invoked ? String(invoked.functionMs ?? '-') : '-'
  const isExpected = JSON.stringify(answer) === JSON.stringify(expected)
  const mark = isExpected ? paint('green', '✔') : paint('red', '✘')
  console.log(`${mark} ${line(askedCells(demoCase), answer, ms)}`)
  if (isExpected) return

  unexpected += 1
  console.log(paint('red', `  ${line(['', '', 'expected:', ''], expected, '')}`))
  if ('output' in invoked) console.log(invoked.output.replaceAll(/^/gm, '    '))
}

function line(asked: string[], answer: Answer | undefined, ms: string): string {
  const answered = answer ? answerCells(answer) : ['', 'no answer', '', '']
  return tableLine([...asked, ...answered, ms.padStart(MS.length), answer?.details ?? ''], widths)
}

function askedCells({ fn, channel, event }: DemoCase): string[] {
  return [fn, channel ?? '-', event, last4(eventPath(fn, event))]
}

function answerCells({ status, answer, billable, retry }: Answer): string[] {
  return [status, answer, billable, retry]
}

/** Of the card in an event, all that is ever shown. */
function last4(file: string): string {
  const { body, isBase64Encoded } = JSON.parse(readFileSync(file, 'utf8'))
  const text = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8').toString()
  const [, cardNumber = ''] = /"cardNumber":"([^"]*)"/.exec(text) ?? []
  return cardNumber.replaceAll(/\D/g, '').slice(-4) || '-'
}

/** Runs a few at a time; the results come in the order of the items, each as soon as it can. */
async function* inOrder<Item, Result>(
  items: readonly Item[],
  job: (item: Item) => Promise<Result>,
) {
  const slots = items.map((item) => ({ item, ...Promise.withResolvers<Result>() }))
  const queue = slots.values()
  const lane = async () => {
    for (const { item, resolve, reject } of queue) await job(item).then(resolve, reject)
  }
  for (let lanes = 0; lanes < AT_ONCE; lanes += 1) void lane()
  for (const { promise } of slots) yield await promise
}
