import { type ProblemCode, problemCatalog } from '../../lib/errors/problem-catalog.ts'
import { answerExamples } from './examples/answer-examples.ts'
import { problemExample } from './examples/problem-examples.ts'
import { gatewayAnswers } from './gateway.ts'
import { functionHeaders, gatewayHeader, problemHeaders, replayedHeader } from './headers.ts'
import { type JsonObject, ref } from './json-schema.ts'
import { isAsking, mayBeReplayed, mayWait, type OperationId, problemsOf } from './problem-codes.ts'
import { problemsSchema } from './problems-of-status.ts'
import type { Words } from './words.ts'

/** Every response of an operation, by its status. */
export async function responsesOf(
  operation: OperationId,
  answer: { schema: string; description: string },
  words: Words,
): Promise<Record<string, JsonObject>> {
  const problems = problemsOf(operation)
  const ofGateway = Object.keys(gatewayAnswers).map(Number)
  // Only a body can be too large.
  const statuses = new Set([...problems.keys(), ...ofGateway])
  if (!isAsking(operation)) statuses.delete(413)
  return {
    '200': {
      description: answer.description,
      headers: { ...functionHeaders(false), ...(isAsking(operation) ? replayedHeader : {}) },
      content: {
        'application/json': {
          schema: ref(answer.schema),
          examples: await answerExamples(operation, words),
        },
      },
    },
    ...Object.fromEntries(
      [...statuses].map((status) => [
        status,
        failed(operation, status, problems.get(status) ?? [], words),
      ]),
    ),
  }
}

function failed(
  operation: OperationId,
  status: number,
  codes: readonly ProblemCode[],
  words: Words,
): JsonObject {
  const gateways = gatewayAnswers[status]
  const may = {
    wait: codes.some(mayWait),
    beReplayed: codes.some((code) => mayBeReplayed(operation, code)),
  }
  const problems = codes.length > 0 && {
    'application/problem+json': {
      schema: problemsSchema(operation, status, codes),
      examples: problemExamples(operation, codes, words),
    },
  }
  const message = gateways && {
    'application/json': {
      schema: ref('GatewayMessage'),
      examples: {
        gateway: {
          summary: words.name("the gateway's own", '网关自己的应答'),
          value: { message: gateways.message },
        },
      },
    },
  }
  return {
    description: description(operation, status, codes, words),
    headers: problems ? problemHeaders(gateways !== undefined, may) : gatewayHeader,
    content: { ...problems, ...message },
  }
}

function description(
  operation: OperationId,
  status: number,
  codes: readonly ProblemCode[],
  { say }: Words,
): string {
  const gateways = gatewayAnswers[status]
  const told = codes.map((code) => ({ name: code as string, ...problemCatalog[code].detail }))
  if (gateways) {
    const { message, reading, ...asking } = gateways
    const meaning = isAsking(operation) ? asking : (reading ?? asking)
    told.push({ name: JSON.stringify({ message }), ...meaning })
  }
  return say(
    told.map(({ name, en }) => `- \`${name}\`: ${en}`).join('\n'),
    told.map(({ name, zh }) => `- \`${name}\`：${zh}`).join('\n'),
  )
}

function problemExamples(
  operation: OperationId,
  codes: readonly ProblemCode[],
  { edition }: Words,
): JsonObject {
  return Object.fromEntries(
    codes.flatMap((code) => {
      const { title } = problemCatalog[code]
      const en = { summary: title.en, value: problemExample(operation, code, 'en') }
      const zh = { summary: title.zh, value: problemExample(operation, code, 'zh') }
      if (edition !== 'both') return [[code, { en, zh }[edition]]]
      return [
        [code, en],
        [`${code}.zh`, zh],
      ]
    }),
  )
}
