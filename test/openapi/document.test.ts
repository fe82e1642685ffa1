import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { openApiDocument } from '../../scripts/openapi/document.ts'
import { problemCodes } from '../../scripts/openapi/problem-codes.ts'
import { PUBLISHED, publishedText } from '../../scripts/openapi/published.ts'
import { routes } from '../../scripts/openapi/routes.ts'
import { publishedDocument } from './validators.ts'

const require = createRequire(import.meta.url)
const document = publishedDocument()
const operations = Object.entries(document.paths).flatMap(([route, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ route, method, operation })),
)

describe('docs/openapi.json', () => {
  it('is what the code says', async () => {
    const isFresh = readFileSync(PUBLISHED, 'utf8') === (await publishedText())
    expect(isFresh ? '' : 'docs/openapi.json is stale: run `npm run openapi`').toBe('')
  })

  it('has the routes of serverless.yml under the names of their functions, and no others', () => {
    const documented = operations.map(({ route, method, operation }) => ({
      operationId: operation.operationId,
      method,
      path: route,
    }))
    expect(documented).toHaveLength(5)
    expect(new Set(documented)).toEqual(new Set(routes()))
  })

  it('has every problem code, each with an example of its own in both languages', () => {
    const shown = operations.flatMap(({ operation }) =>
      Object.values(operation.responses).flatMap(({ content }) =>
        Object.keys(content['application/problem+json']?.examples ?? {}),
      ),
    )
    expect(new Set(shown)).toEqual(new Set(problemCodes.flatMap((code) => [code, `${code}.zh`])))
  })

  it("lets no object have members that it does not name, but the gateway's", () => {
    const open = Object.entries(document.components.schemas).filter(([, schema]) => {
      const { type, allOf, additionalProperties } = schema as Record<string, unknown>
      return type === 'object' && !allOf && additionalProperties !== false
    })
    expect(open.map(([name]) => name)).toEqual(['GatewayMessage'])
  })

  it('passes the linter without a finding', async () => {
    const redocly = require.resolve('@redocly/cli/bin/cli.js')
    const config = path.resolve('scripts/openapi/redocly.yaml')
    const linted = promisify(execFile)(
      process.execPath,
      [redocly, 'lint', 'docs/openapi.json', '--config', config, '--format', 'json'],
      // It would otherwise call home and look for a newer version of itself.
      { env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' } },
    )
    const { stdout } = await linted.catch((failed: { stdout: string }) => failed)
    const { totals, problems } = JSON.parse(stdout)
    expect({ totals, problems }).toEqual({
      totals: { errors: 0, warnings: 0, ignored: 0 },
      problems: [],
    })
  })
})

describe('an edition in one language', () => {
  /** Every text for people, and the document without them. */
  function parted(value: unknown, texts: string[] = []): { bones: unknown; texts: string[] } {
    const bones = JSON.parse(JSON.stringify(value), (key, member: unknown) => {
      if (key === 'examples') return undefined
      if (typeof member !== 'string' || !['description', 'summary'].includes(key)) return member
      texts.push(member)
      return undefined
    })
    return { bones, texts }
  }
  const HAN = /\p{Script=Han}/u

  it('differs from the others in its texts only', async () => {
    const [en, zh, both] = await Promise.all(
      (['en', 'zh', 'both'] as const).map(async (edition) =>
        parted(await openApiDocument(edition)),
      ),
    )
    expect(en?.bones).toEqual(both?.bones)
    expect(zh?.bones).toEqual(both?.bones)
    expect(zh?.texts).toHaveLength(en?.texts.length ?? 0)
  })

  it('is English throughout', async () => {
    const { texts } = parted(await openApiDocument('en'))
    expect(texts.length).toBeGreaterThan(100)
    expect(texts.filter((text) => HAN.test(text))).toEqual([])
  })

  it('is Chinese throughout', async () => {
    const { texts } = parted(await openApiDocument('zh'))
    expect(texts.filter((text) => !HAN.test(text))).toEqual([])
  })
})
