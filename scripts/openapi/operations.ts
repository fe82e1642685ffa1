import { requestExamples } from './examples/request-examples.ts'
import { isIn } from '../../lib/providers/read-answer.ts'
import { type JsonObject, ref } from './json-schema.ts'
import { parameter, queries } from './parameters.ts'
import { isAsking, type OperationId } from './problem-codes.ts'
import { responsesOf } from './responses.ts'
import { routes } from './routes.ts'
import type { Words } from './words.ts'

type Told = {
  tag: string
  summary: string
  description: string
  parameters: readonly string[]
  request?: string
  response: { schema: string; description: string }
}

/** Every route of serverless.yml as an operation, by its path and method. */
export async function paths(words: Words): Promise<Record<string, JsonObject>> {
  const told = operations(words)
  const byPath: Record<string, Record<string, JsonObject>> = {}
  for (const { operationId, method, path } of routes()) {
    if (!isIn(told, operationId)) throw new Error(`say what ${operationId} does (operations.ts)`)
    byPath[path] = {
      ...byPath[path],
      [method]: await operation(operationId, told[operationId], words),
    }
  }
  return byPath
}

async function operation(id: OperationId, told: Told, words: Words): Promise<JsonObject> {
  const { tag, summary, description, parameters, request, response } = told
  return {
    operationId: id,
    tags: [tag],
    summary,
    description,
    parameters: parameters.map(parameter),
    ...(request === undefined ? {} : { requestBody: requestBody(id, request, words) }),
    responses: await responsesOf(id, response, words),
  }
}

function requestBody(id: OperationId, schema: string, words: Words): JsonObject {
  if (!isAsking(id)) throw new Error(`${id} has no body`)
  return {
    required: true,
    description: words.say(
      'JSON in UTF-8, at most 8 KiB. The card numbers of the examples make the simulated providers of `npm start` answer what their titles say.',
      'UTF-8 编码的 JSON，至多 8 KiB。示例中的卡号会让 `npm start` 的模拟数据源给出标题所述的应答。',
    ),
    content: { 'application/json': { schema: ref(schema), examples: requestExamples(id, words) } },
  }
}

function operations({ say, name }: Words): Record<OperationId, Told> {
  const asking = ['IdempotencyKey', 'CacheControl', 'AcceptLanguage']
  const answered = say(
    'The provider has answered, whatever its verdict.',
    '数据源已作出应答，无论结论如何。',
  )
  return {
    verifyThreeElement: {
      tag: 'verifications',
      summary: name('Verify name, ID number and card number', '三要素核验：姓名、身份证号、卡号'),
      description: say(
        'Asks Databao whether the card belongs to the person with this name and ID number. It costs money at most once where you send an `Idempotency-Key` and repeat with the same one. The same question within 24 hours gets the earlier match or mismatch with `reused: true`, at no charge.',
        '向 Databao 查询该卡是否属于持有此姓名和身份证号的人。携带 `Idempotency-Key` 并在重试时保持不变，一次核验就至多计费一次。24 小时内的同一问题会得到先前的匹配或不匹配结论，带 `reused: true`，不计费。',
      ),
      parameters: asking,
      request: 'ThreeElementRequest',
      response: { schema: 'ThreeElementVerification', description: answered },
    },
    verifyTwoElement: {
      tag: 'verifications',
      summary: name('Verify name and card number', '二要素核验：姓名、卡号'),
      description: say(
        'Asks Juhe whether the card belongs to a person of this name. A match says less than one of three elements, and neither is ever put in place of the other. Charges and repeats as with three elements.',
        '向聚合数据查询该卡是否属于此姓名的人。二要素匹配的证明力弱于三要素，二者绝不相互代替。计费与重试规则同三要素核验。',
      ),
      parameters: asking,
      request: 'TwoElementRequest',
      response: { schema: 'TwoElementVerification', description: answered },
    },
    getVerification: {
      tag: 'records',
      summary: name('Read an answer of yours again', '读取自己的一条应答'),
      description: say(
        "The recorded answer with this id, for the caller that got it. Another caller's is not found, nor is a call that ended in a problem.",
        '返回具有此 `id` 的已记录应答，仅限得到它的调用方。他人的应答和以错误告终的调用都查不到。',
      ),
      parameters: ['VerificationId', 'AcceptLanguage'],
      response: {
        schema: 'RecordedVerification',
        description: say('The answer, without `card.last4`.', '该应答，不含 `card.last4`。'),
      },
    },
    listVerifications: {
      tag: 'records',
      summary: name('List your answers under a reference', '按编号列出自己的应答'),
      description: say(
        'Your recorded answers under one reference, newest first. A page may hold fewer answers than `limit`, even none, and still have a `cursor`: follow it until there is none.',
        '列出某个编号下自己的已记录应答，新的在前。一页的条数可能少于 `limit`（甚至为零）而仍有 `cursor`：请一直翻页，直到没有 `cursor` 为止。',
      ),
      parameters: [...Object.values(queries.listVerifications), 'AcceptLanguage'],
      response: { schema: 'VerificationPage', description: say('A page.', '一页应答。') },
    },
    getUsage: {
      tag: 'usage',
      summary: name('Count calls by day, provider and caller', '按日、数据源、调用方统计用量'),
      description: say(
        'What the whole deployment was asked, day by day in Asia/Shanghai. It shows every caller: give this route to operators only.',
        '整个部署的用量，按北京时间逐日统计。会显示所有调用方，请只授权给运营人员。',
      ),
      parameters: [...Object.values(queries.getUsage), 'AcceptLanguage'],
      response: {
        schema: 'Usage',
        description: say(
          'A line for each day, provider and caller that has any count.',
          '每个有计数的日期、数据源、调用方各占一行。',
        ),
      },
    },
  }
}
