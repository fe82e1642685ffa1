export type Route<Target> = {
  /** As API Gateway writes it: `POST /v1/things/{id}`, or `$default`. */
  routeKey: string
  target: Target
}

export type RouteMatch<Target> = Route<Target> & { pathParameters: Record<string, string> }

type HttpApiEvent = string | { method?: string; path: string }

/** The routes that a function's `httpApi` events in serverless.yml stand for. */
export function routesOf<Target>(
  events: { httpApi?: HttpApiEvent }[],
  target: Target,
): Route<Target>[] {
  return events.flatMap(({ httpApi }) =>
    httpApi ? [{ routeKey: routeKeyOf(httpApi), target }] : [],
  )
}

/** The most specific route wins: literal segments before `{id}`, before `{rest+}`, before any. */
export function matchRoute<Target>(
  routes: Route<Target>[],
  method: string,
  path: string,
): RouteMatch<Target> | undefined {
  const matches = routes.flatMap((route) => {
    const pathParameters = matchRouteKey(route.routeKey, method, path)
    return pathParameters ? [{ ...route, pathParameters }] : []
  })
  return matches.sort((a, b) => vagueness(a.routeKey) - vagueness(b.routeKey))[0]
}

function routeKeyOf(event: HttpApiEvent): string {
  if (typeof event !== 'string') return routeKeyOf(`${event.method ?? '*'} ${event.path}`)
  const [method = '*', path = '*'] = event.trim().split(/\s+/)
  if (path === '*') return '$default'
  return `${method === '*' ? 'ANY' : method.toUpperCase()} ${path}`
}

function matchRouteKey(
  routeKey: string,
  method: string,
  path: string,
): Record<string, string> | undefined {
  if (routeKey === '$default') return {}
  const [routeMethod, routePath = ''] = routeKey.split(' ')
  if (routeMethod !== 'ANY' && routeMethod !== method) return undefined

  const wanted = routePath.split('/')
  const given = path.split('/')
  const parameters: Record<string, string> = {}
  for (const [at, segment] of wanted.entries()) {
    const [, name, isRest] = /^\{([^}+]+)(\+?)\}$/.exec(segment) ?? []
    const value = isRest ? given.splice(at).join('/') : given[at]
    if (name === undefined ? value !== segment : !value) return undefined
    if (name !== undefined) parameters[name] = decodeURIComponent(value ?? '')
    if (isRest) return parameters
  }
  return given.length === wanted.length ? parameters : undefined
}

function vagueness(routeKey: string): number {
  if (routeKey === '$default') return 1000
  const rests = routeKey.split('+}').length - 1
  const parameters = routeKey.split('{').length - 1
  return rests * 100 + parameters * 2 + (routeKey.startsWith('ANY ') ? 1 : 0)
}
