import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { routesOf } from '../local/route-table.ts'

const TEMPLATE = new URL('../../serverless.yml', import.meta.url)

type Functions = Record<string, { events: Parameters<typeof routesOf>[0] }>

/** Every route of serverless.yml, by the name of its function. */
export function routes(): { operationId: string; method: string; path: string }[] {
  const { functions }: { functions: Functions } = parse(readFileSync(TEMPLATE, 'utf8'), {
    logLevel: 'error',
    merge: true,
  })
  return Object.entries(functions).flatMap(([name, { events }]) =>
    routesOf(events, name).map(({ routeKey, target }) => {
      const [method = '', path = ''] = routeKey.split(' ')
      return { operationId: target, method: method.toLowerCase(), path }
    }),
  )
}
