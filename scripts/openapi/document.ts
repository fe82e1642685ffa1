import { readFileSync } from 'node:fs'
import { cardSchemas } from './card-schemas.ts'
import { fieldSchemas } from './field-schemas.ts'
import { headerComponents } from './headers.ts'
import type { JsonObject } from './json-schema.ts'
import { paths } from './operations.ts'
import { parameterComponents } from './parameters.ts'
import { problemSchemas } from './problem-schemas.ts'
import { requestSchemas } from './request-schemas.ts'
import { usageSchemas } from './usage-schemas.ts'
import { verificationSchemas } from './verification-schemas.ts'
import { type Edition, type Words, wordsOf } from './words.ts'

/**
 * The API as OpenAPI 3.1, out of the tables and patterns that the functions themselves use.
 *
 * @param edition one language for people; `both` for docs/openapi.json
 */
export async function openApiDocument(edition: Edition): Promise<JsonObject> {
  const words = wordsOf(edition)
  return {
    openapi: '3.1.1',
    info: info(words),
    servers: servers(words),
    tags: tags(words),
    security: [{ sigV4: [] }, { jwt: [] }],
    paths: await paths(words),
    components: {
      securitySchemes: securitySchemes(words),
      parameters: parameterComponents(words),
      headers: headerComponents(words),
      schemas: {
        ...requestSchemas(words),
        ...fieldSchemas(words),
        ...verificationSchemas(words),
        ...cardSchemas(words),
        ...usageSchemas(words),
        ...problemSchemas(words),
      },
    },
  }
}

function info({ say }: Words): JsonObject {
  const { version }: { version: string } = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  )
  return {
    title: 'bankcard-verify',
    version,
    license: { name: 'MIT', identifier: 'MIT' },
    summary: say(
      'Does this bank card belong to the person who claims it?',
      '这张银行卡是否属于声称持有它的人？',
    ).replaceAll('\n\n', ' '),
    description: say(
      [
        'Verifies Chinese bank cards at the paid providers Databao (three elements) and Juhe (two elements).',
        '',
        '- A mismatch is an answer with status 200, not an error. Failures are problems of RFC 9457.',
        '- Every call costs money, and a card locks after a few mismatches. Send an `Idempotency-Key` with every verification and keep it over your retries; repeat only what `retryable` allows, after `Retry-After`.',
        '- A 503 or 504 of the form `{"message":…}` is the gateway\'s own: take the outcome as unknown.',
        '- An unknown field of a body is refused, and so is an unknown query parameter where a route has query parameters.',
      ].join('\n'),
      [
        '通过付费数据源 Databao（三要素）和聚合数据 Juhe（二要素）核验中国银行卡。',
        '',
        '- 不匹配是状态码为 200 的应答，不是错误。错误采用 RFC 9457 格式。',
        '- 每次调用都要花钱，同一张卡几次不匹配就会被锁定。请为每次核验携带 `Idempotency-Key`，重试时保持不变；只重试 `retryable` 允许的请求，并等待 `Retry-After` 指定的时间。',
        '- 形如 `{"message":…}` 的 503 或 504 来自网关本身：应视为结果未知。',
        '- 请求体中的未知字段会被拒绝；有查询参数的路由也会拒绝未知的查询参数。',
      ].join('\n'),
    ),
  }
}

function servers({ say }: Words): JsonObject[] {
  return [
    {
      url: 'https://{apiId}.execute-api.{region}.{domain}',
      description: say('The address that a deployment prints.', '部署时打印的地址。'),
      variables: {
        apiId: { default: 'a1b2c3d4e5', description: say('Id of the API.', 'API 的 ID。') },
        region: {
          default: 'ap-southeast-1',
          description: say('Region of the deployment.', '部署所在区域。'),
        },
        domain: { default: 'amazonaws.com', enum: ['amazonaws.com', 'amazonaws.com.cn'] },
      },
    },
    {
      url: 'https://{host}',
      description: say(
        'A domain of your own (parameter `domainName`).',
        '自有域名（参数 `domainName`）。',
      ),
      variables: { host: { default: 'verify.bankcard.test' } },
    },
    {
      url: 'http://localhost:{port}',
      description: say(
        '`npm start`: this machine, with simulated providers and without a signature.',
        '`npm start`：本机，使用模拟数据源，无需签名。',
      ),
      variables: { port: { default: '3000' } },
    },
  ]
}

function tags({ say }: Words): JsonObject[] {
  return [
    {
      name: 'verifications',
      description: say('Ask a provider, at a charge.', '查询数据源（计费）。'),
    },
    {
      name: 'records',
      description: say('Read your earlier answers, free of charge.', '读取先前的应答（不计费）。'),
    },
    {
      name: 'usage',
      description: say('What was asked and billed, for operators.', '用量与计费，供运营人员使用。'),
    },
  ]
}

function securitySchemes({ say }: Words): JsonObject {
  return {
    sigV4: {
      type: 'apiKey',
      in: 'header',
      name: 'Authorization',
      'x-amazon-apigateway-authtype': 'awsSigv4',
      description: say(
        "AWS Signature Version 4 for the service `execute-api`, with `X-Amz-Date` and, for temporary credentials, `X-Amz-Security-Token`. The caller's role needs `execute-api:Invoke`. This is what a deployment uses unless its parameter `authorizer` is `jwt`.",
        '针对服务 `execute-api` 的 AWS Signature Version 4 签名，携带 `X-Amz-Date`；使用临时凭证时还需 `X-Amz-Security-Token`。调用方的角色需要 `execute-api:Invoke` 权限。除非部署参数 `authorizer` 为 `jwt`，都使用此方式。',
      ),
    },
    jwt: {
      type: 'http',
      scheme: 'bearer',
      bearerFormat: 'JWT',
      description: say(
        'A JWT of the issuer and audience that the deployment names. Only where its parameter `authorizer` is `jwt`; then signatures are not accepted.',
        '由部署所指定的签发者和受众签发的 JWT。仅当部署参数 `authorizer` 为 `jwt` 时使用；此时不接受签名。',
      ),
    },
  }
}
